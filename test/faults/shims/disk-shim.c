/*
 * disk-shim.c — preloaded into a daemon: its disk as it is on a bad day. What is wrong stands in a file of six numbers of
 * 32 bits that everybody may change at any time (ROGERD_DISK_SHIM): how late syncs and writes are in ms, the errno that
 * syncs and writes fail with, whether both hang, and whether syncs lie: they do nothing, and say that all is on the disk. It
 * concerns files below ROGERD_DISK_SHIM_UNDER only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct trouble {
  volatile int32_t sync_late_ms, write_late_ms, sync_errno, write_errno, hangs, lies;
};

static struct trouble none;
static struct trouble *trouble = &none;
static const char *under = "/";

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ROGERD_DISK_SHIM");
  if (getenv("ROGERD_DISK_SHIM_UNDER") != NULL) under = getenv("ROGERD_DISK_SHIM_UNDER");
  if (path == NULL) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  void *mapped = mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  trouble = mapped;
  close(file);
}

static int is_ours(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, under, strlen(under)) == 0;
}

/* 0, or the errno that it fails with. */
static int suffer(int file, volatile int32_t *late_ms, volatile int32_t *error) {
  if (*late_ms == 0 && *error == 0 && !trouble->hangs) return 0;
  if (!is_ours(file)) return 0;
  if (*late_ms > 0) usleep(*late_ms * 1000);
  while (trouble->hangs) usleep(10000);
  return *error;
}

static int is_lied_to(int file) { return trouble->lies && is_ours(file); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define SUFFERS(file, late, error)                     \
  do {                                                 \
    int failed = suffer(file, &trouble->late, &trouble->error); \
    if (failed != 0) {                                 \
      errno = failed;                                  \
      return -1;                                       \
    }                                                  \
  } while (0)

int fdatasync(int file) {
  SUFFERS(file, sync_late_ms, sync_errno);
  return is_lied_to(file) ? 0 : REAL(fdatasync)(file);
}

int fsync(int file) {
  SUFFERS(file, sync_late_ms, sync_errno);
  return is_lied_to(file) ? 0 : REAL(fsync)(file);
}

ssize_t write(int file, const void *bytes, size_t length) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(write)(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(writev)(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(pwrite)(file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(pwrite64)(file, bytes, length, at);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(pwritev)(file, parts, count, at);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(pwritev64)(file, parts, count, at);
}

int fallocate(int file, int mode, off_t at, off_t length) {
  SUFFERS(file, write_late_ms, write_errno);
  return REAL(fallocate)(file, mode, at, length);
}
