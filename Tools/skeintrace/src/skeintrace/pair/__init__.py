"""Twisted Pair: recording what crosses at a tunnel's boundaries, and replaying it on Twisted itself.

There are more parties here than an application and a reactor: a tunnel's port calls the system that opens devices below
it, and either can be replayed without the other.
"""
