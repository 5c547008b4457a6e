#include <pcap/pcap.h>
// __fsetlocking, for the streams that libpcap reads from.
#include <stdio_ext.h>
