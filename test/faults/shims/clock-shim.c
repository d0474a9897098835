/*
 * clock-shim.c — preloaded into a daemon: its clocks as they are on a bad day. What is wrong stands in a file that everybody
 * may change at any time (ROGERD_CLOCK_SHIM): a number of 64 bits, by how many microseconds the wall clock is off, and
 * another, how fast the monotonic clock goes, in millionths (1000000: as it should). The monotonic one never goes back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct trouble {
  volatile int64_t wall_off_us, rate_millionths;
};

static struct trouble none = {0, 1000000};
static struct trouble *trouble = &none;

static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int64_t rate = 1000000, since_ns, shown_since_ns;

__attribute__((constructor)) static void begin(void) {
  real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  real_epoll_pwait = dlsym(RTLD_NEXT, "epoll_pwait");
  const char *path = getenv("ROGERD_CLOCK_SHIM");
  if (path == NULL) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  void *mapped = mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  trouble = mapped;
  close(file);
}

static int64_t to_ns(const struct timespec *at) { return at->tv_sec * 1000000000LL + at->tv_nsec; }

static void from_ns(int64_t ns, struct timespec *at) {
  at->tv_sec = ns / 1000000000LL;
  at->tv_nsec = ns % 1000000000LL;
}

/* A change of the rate counts from the moment in which it is noticed. */
static int64_t shown_ns(int64_t now_ns) {
  pthread_mutex_lock(&turn);
  int64_t shown = shown_since_ns + (int64_t)((now_ns - since_ns) * (double)rate / 1e6);
  if (since_ns == 0) shown = now_ns;
  int64_t wanted = trouble->rate_millionths;
  if (since_ns == 0 || wanted != rate) {
    since_ns = now_ns;
    shown_since_ns = shown;
    rate = wanted;
  }
  pthread_mutex_unlock(&turn);
  return shown;
}

int clock_gettime(clockid_t which, struct timespec *at) {
  if (real_gettime == NULL) real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_gettime(which, at);
  if (result != 0) return result;
  if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) {
    from_ns(to_ns(at) + trouble->wall_off_us * 1000, at);
  } else if (which == CLOCK_MONOTONIC || which == CLOCK_MONOTONIC_COARSE || which == CLOCK_BOOTTIME) {
    from_ns(shown_ns(to_ns(at)), at);
  }
  return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

static int really(int timeout_ms) {
  if (timeout_ms <= 0) return timeout_ms;
  int64_t ms = timeout_ms * 1000000LL / trouble->rate_millionths;
  return ms < 1 ? 1 : (int)ms;
}

int epoll_pwait(int set, struct epoll_event *events, int most, int timeout_ms, const sigset_t *signals) {
  if (real_epoll_pwait == NULL) real_epoll_pwait = dlsym(RTLD_NEXT, "epoll_pwait");
  return real_epoll_pwait(set, events, most, really(timeout_ms), signals);
}

int epoll_wait(int set, struct epoll_event *events, int most, int timeout_ms) {
  return epoll_pwait(set, events, most, timeout_ms, NULL);
}
