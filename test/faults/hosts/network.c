/*
 * network.c — hosts for real processes, without touching any other network: one namespace each with one device, and
 * this process in between. It carries packets from host to host as it is told, by direction: cut, late, lost, slow.
 *
 *   network COUNT SEED      the first host is where it was started; prints "host AT PID" for each, then "ready"
 *   stdin                   "link FROM TO CUT DELAY_US JITTER_US LOSS_PER_MILLION BYTES_PER_SECOND", answered by "ok"
 *
 * Hosts are 10.77.0.1, 10.77.0.2 and so on. All ends with stdin. Packets of one direction stay in order.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 16
#define PACKET_MAX 2048
#define WAITING_BYTES_MAX (4 * 1024 * 1024)

struct packet {
  struct packet *next;
  int64_t due_us;
  int length;
  unsigned char bytes[];
};

struct link {
  int is_cut;
  int64_t delay_us, jitter_us, loss, bytes_per_second;
  int64_t last_due_us, free_at_us;
  int64_t waiting_bytes;
  struct packet *first, *last;
};

static struct link links[HOSTS_MAX][HOSTS_MAX];
static int devices[HOSTS_MAX];
static pid_t holders[HOSTS_MAX];
static int host_count;
static uint64_t dice;

static void fail(const char *what) {
  fprintf(stderr, "network: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_us(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static uint64_t draw(void) {
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return dice;
}

static void raise_interface(int control, const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(control, SIOCGIFFLAGS, &request) < 0) fail("flags");
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) < 0) fail("up");
}

static void set_address(int control, unsigned long what, const char *address) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, "rogerd0", IFNAMSIZ - 1);
  struct sockaddr_in *in = (struct sockaddr_in *)&request.ifr_addr;
  in->sin_family = AF_INET;
  inet_pton(AF_INET, address, &in->sin_addr);
  if (ioctl(control, what, &request) < 0) fail("address");
}

/* In the namespace where it is called. */
static int open_device(int at) {
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) fail("/dev/net/tun");
  struct ifreq request = {0};
  strncpy(request.ifr_name, "rogerd0", IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(device, TUNSETIFF, &request) < 0) fail("tun");
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) fail("socket");
  char address[32];
  snprintf(address, sizeof address, "10.77.0.%d", at + 1);
  set_address(control, SIOCSIFADDR, address);
  set_address(control, SIOCSIFNETMASK, "255.255.255.0");
  raise_interface(control, "rogerd0");
  raise_interface(control, "lo");
  close(control);
  return device;
}

/* Keeps a namespace open, as long as we live. */
static pid_t hold_namespace(void) {
  pid_t parent = getpid();
  pid_t holder = fork();
  if (holder < 0) fail("fork");
  if (holder > 0) return holder;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (int file = 0; file < 3; file++) close(file);
  for (;;) pause();
}

/* A slow link is late by some seconds at most: what comes faster than that is lost, as at a router. */
static int64_t waiting_bytes_max(const struct link *link) {
  int64_t slow = link->bytes_per_second * 2 + 8 * PACKET_MAX;
  return link->bytes_per_second > 0 && slow < WAITING_BYTES_MAX ? slow : WAITING_BYTES_MAX;
}

static void receive(int from) {
  unsigned char bytes[PACKET_MAX];
  for (;;) {
    int length = read(devices[from], bytes, sizeof bytes);
    if (length <= 0) return;
    if (length < 20 || bytes[0] >> 4 != 4) continue;
    int to = bytes[19] - 1;
    if (bytes[16] != 10 || bytes[17] != 77 || to < 0 || to >= host_count || to == from) continue;
    struct link *link = &links[from][to];
    if (link->is_cut || (int64_t)(draw() % 1000000) < link->loss) continue;
    if (link->waiting_bytes + length > waiting_bytes_max(link)) continue;
    int64_t now = now_us();
    int64_t due = now + link->delay_us;
    if (link->jitter_us > 0) due += draw() % (uint64_t)link->jitter_us;
    if (link->bytes_per_second > 0) {
      int64_t begins = link->free_at_us > now ? link->free_at_us : now;
      link->free_at_us = begins + length * 1000000LL / link->bytes_per_second;
      due += link->free_at_us - now;
    }
    if (due < link->last_due_us) due = link->last_due_us;
    link->last_due_us = due;
    struct packet *packet = malloc(sizeof *packet + length);
    if (packet == NULL) fail("memory");
    *packet = (struct packet){.next = NULL, .due_us = due, .length = length};
    memcpy(packet->bytes, bytes, length);
    if (link->last != NULL) link->last->next = packet;
    else link->first = packet;
    link->last = packet;
    link->waiting_bytes += length;
  }
}

/* What is due; gives the time of the next one, or -1. */
static int64_t deliver(void) {
  int64_t next = -1;
  int64_t now = now_us();
  for (int from = 0; from < host_count; from++) {
    for (int to = 0; to < host_count; to++) {
      struct link *link = &links[from][to];
      while (link->first != NULL && link->first->due_us <= now) {
        struct packet *packet = link->first;
        link->first = packet->next;
        if (link->first == NULL) link->last = NULL;
        link->waiting_bytes -= packet->length;
        /* A device that takes no more loses the packet, as a card does. */
        if (!link->is_cut && write(devices[to], packet->bytes, packet->length) < 0 && errno == EBADF) fail("write");
        free(packet);
      }
      if (link->first != NULL && (next < 0 || link->first->due_us < next)) next = link->first->due_us;
    }
  }
  return next;
}

/* What waits does not wait any longer: a link is as it is told to be from now on, however slow it was before. */
static void end_waits(struct link *link) {
  for (struct packet *packet = link->first; packet != NULL; packet = packet->next) packet->due_us = 0;
  link->last_due_us = 0;
  link->free_at_us = 0;
}

static void heed(const char *line) {
  int from, to, is_cut;
  long long delay, jitter, loss, rate;
  int read = sscanf(line, "link %d %d %d %lld %lld %lld %lld", &from, &to, &is_cut, &delay, &jitter, &loss, &rate);
  if (read != 7 || from < 0 || to < 0 || from >= host_count || to >= host_count) {
    fprintf(stderr, "network: not understood: %s\n", line);
    exit(2);
  }
  struct link *link = &links[from][to];
  link->is_cut = is_cut;
  link->delay_us = delay;
  link->jitter_us = jitter;
  link->loss = loss;
  link->bytes_per_second = rate;
  end_waits(link);
  printf("ok\n");
  fflush(stdout);
}

/* False at the end. */
static int hear(void) {
  static char said[4096];
  static size_t length = 0;
  ssize_t more = read(0, said + length, sizeof said - 1 - length);
  if (more == 0 || (more < 0 && errno != EAGAIN)) return 0;
  if (more < 0) return 1;
  length += more;
  said[length] = 0;
  char *line = said;
  for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    heed(line);
  }
  length -= line - said;
  memmove(said, line, length);
  return 1;
}

int main(int argc, char **argv) {
  host_count = argc > 1 ? atoi(argv[1]) : 0;
  dice = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
  if (host_count < 1 || host_count > HOSTS_MAX) {
    fprintf(stderr, "usage: network COUNT SEED\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  devices[0] = open_device(0);
  printf("host 0 %d\n", getpid());
  for (int at = 1; at < host_count; at++) {
    if (unshare(CLONE_NEWNET) < 0) fail("unshare");
    devices[at] = open_device(at);
    holders[at] = hold_namespace();
    printf("host %d %d\n", at, holders[at]);
  }
  printf("ready\n");
  fflush(stdout);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  struct pollfd files[HOSTS_MAX + 1];
  for (int at = 0; at < host_count; at++) files[at] = (struct pollfd){.fd = devices[at], .events = POLLIN};
  files[host_count] = (struct pollfd){.fd = 0, .events = POLLIN};
  for (;;) {
    int64_t next = deliver();
    int64_t wait_us = next < 0 ? 1000000 : next - now_us();
    struct timespec wait = {.tv_sec = 0, .tv_nsec = 0};
    if (wait_us > 0) wait = (struct timespec){.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    if (ppoll(files, host_count + 1, &wait, NULL) < 0 && errno != EINTR) fail("poll");
    for (int at = 0; at < host_count; at++) receive(at);
    if (files[host_count].revents != 0 && !hear()) break;
  }
  for (int at = 1; at < host_count; at++) kill(holders[at], SIGKILL);
  while (wait(NULL) > 0) continue;
  return 0;
}
