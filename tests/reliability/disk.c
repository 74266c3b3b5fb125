/* A disk and a clock that misbehave on order, loaded into a process by LD_PRELOAD.
 *
 * FAULTY_ROOT    the folder whose files are concerned
 * FAULTY_IMAGE   where to keep what is durable: a copy of each file, and the list of each folder,
 *                as of its last fsync. Inodes name them, as only a folder's fsync keeps a name.
 * FAULTY_ORDERS  a file of ORDERS bytes, shared by all processes and changed while they run: which
 *                files have no room ("" none, "/" all, else a part of the path), on which an fsync
 *                fails, and by how many seconds the clock is wrong.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct orders {
  char full[256];
  char failing[256];
  volatile int64_t seconds;
};

static const struct orders nothing;
static const struct orders *orders = &nothing;
static const char *root, *image;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTY_ORDERS");
  root = getenv("FAULTY_ROOT");
  image = getenv("FAULTY_IMAGE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *found = mmap(NULL, sizeof *orders, PROT_READ, MAP_SHARED, file, 0);
  if (found != MAP_FAILED) orders = found;
  close(file);
}

/* The path of an open file below the root, or NULL. */
static const char *inside(int descriptor, char *path, size_t size) {
  char name[64];
  if (!root) return NULL;
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(name, path, size - 1);
  if (length < 0) return NULL;
  path[length] = 0;
  size_t prefix = strlen(root);
  return strncmp(path, root, prefix) == 0 && (!path[prefix] || path[prefix] == '/') ? path : NULL;
}

static int ordered(const char *order, int descriptor) {
  char path[4096];
  if (!order[0]) return 0;
  return inside(descriptor, path, sizeof path) && strstr(path, order) != NULL;
}

static void list_folder(const char *path, int to) {
  DIR *folder = opendir(path);
  if (!folder) return;
  for (struct dirent *each; (each = readdir(folder));)
    if (each->d_name[0] != '.' || (each->d_name[1] && each->d_name[1] != '.'))
      dprintf(to, "%lu %s\n", (unsigned long)each->d_ino, each->d_name);
  closedir(folder);
}

/* Keep what this file or folder holds now; whole or not at all, as a kill may come at any time. */
static int keep(int descriptor) {
  char path[4096], draft[4200], kept[4200], again[64];
  struct stat found;
  if (!image || !inside(descriptor, path, sizeof path) || fstat(descriptor, &found)) return 0;
  unsigned long inode = (unsigned long)found.st_ino;
  snprintf(draft, sizeof draft, "%s/.%lu.%ld", image, inode, (long)syscall(SYS_gettid));
  snprintf(kept, sizeof kept, "%s/%lu", image, inode);
  int to = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0) return -1;
  if (S_ISDIR(found.st_mode)) {
    list_folder(path, to);
  } else {
    snprintf(again, sizeof again, "/proc/self/fd/%d", descriptor);
    int from = open(again, O_RDONLY | O_CLOEXEC);
    while (from >= 0 && sendfile(to, from, NULL, 1 << 24) > 0) continue;
    if (from >= 0) close(from);
  }
  close(to);
  return rename(draft, kept);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define REFUSE_WHEN_FULL(descriptor) \
  if (ordered(orders->full, descriptor)) { errno = ENOSPC; return -1; }

static int synced(int descriptor) {
  if (ordered(orders->failing, descriptor)) {
    errno = EIO;
    return -1;
  }
  return keep(descriptor);
}

int fsync(int descriptor) { return synced(descriptor); }
int fdatasync(int descriptor) { return synced(descriptor); }

ssize_t write(int descriptor, const void *from, size_t count) {
  REFUSE_WHEN_FULL(descriptor)
  return syscall(SYS_write, descriptor, from, count);
}

ssize_t pwrite64(int descriptor, const void *from, size_t count, off64_t offset) {
  REFUSE_WHEN_FULL(descriptor)
  return syscall(SYS_pwrite64, descriptor, from, count, offset);
}

ssize_t pwrite(int descriptor, const void *from, size_t count, off_t offset) {
  return pwrite64(descriptor, from, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  REFUSE_WHEN_FULL(descriptor)
  return syscall(SYS_writev, descriptor, parts, count);
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
  if (ordered(orders->full, descriptor)) return ENOSPC;
  return REAL(int, "posix_fallocate64", int, off64_t, off64_t)(descriptor, offset, length);
}

int clock_gettime(clockid_t which, struct timespec *now) {
  int result = syscall(SYS_clock_gettime, which, now);
  if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) now->tv_sec += orders->seconds;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = syscall(SYS_gettimeofday, now, zone);
  now->tv_sec += orders->seconds;
  return result;
}

time_t time(time_t *where) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (where) *where = now.tv_sec;
  return now.tv_sec;
}
