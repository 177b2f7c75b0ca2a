#define _GNU_SOURCE
#include "cplatform.h"
#include <pthread.h>

// The lowest address of this thread's stack: asking for the main thread's reads a file, so once.
static __thread char *lowest;

size_t zij_stack_left(void) {
  char here;
  if (!lowest) {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return SIZE_MAX;
    void *address;
    size_t size;
    int status = pthread_attr_getstack(&attributes, &address, &size);
    pthread_attr_destroy(&attributes);
    if (status != 0) return SIZE_MAX;
    lowest = address;
  }
  return &here > lowest ? (size_t)(&here - lowest) : 0;
}
