"""Random packets, read by tshark and by Skein, compared field by field."""
