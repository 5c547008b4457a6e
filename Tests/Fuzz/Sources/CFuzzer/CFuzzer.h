#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
/* Of glibc, which shows it to GNU programs alone. */
int memfd_create(const char *name, unsigned int flags);
