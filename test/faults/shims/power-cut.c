/*
 * power-cut.c — a file system is gone from one moment to the next: what its journal has not synced is lost, as with the
 * power (the shutdown ioctl of ext4 and xfs, without a last flush). usage: power-cut MOUNTPOINT
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define SHUTDOWN _IOR('X', 125, uint32_t)

int main(int count, char **words) {
  uint32_t without_flush = 2;
  int folder = open(count > 1 ? words[1] : "", O_RDONLY);
  if (folder >= 0 && ioctl(folder, SHUTDOWN, &without_flush) == 0) return 0;
  perror("power-cut");
  return 1;
}
