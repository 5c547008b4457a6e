"""Replaying a trace on Twisted itself: the recorded application is played, and what the reactor does is judged."""
