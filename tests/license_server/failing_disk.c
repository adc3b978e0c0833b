// A disk that does not confirm what it was given: preloaded, fsync and fdatasync of a file fail with EIO while the file that
// H7_FAILING_DISK names exists and holds a part of that file's path ("end$": its end). What was written may be there or not: nobody
// was told.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
    const char* control = getenv("H7_FAILING_DISK");
    char wanted[256], link[64], path[4096];
    int file = control == NULL ? -1 : open(control, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t size = read(file, wanted, sizeof wanted - 1);
    close(file);
    if (size <= 0) return 0;
    wanted[size] = '\0';
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = '\0';
    const size_t length = strlen(wanted), whole = strlen(path);
    if (wanted[length - 1] != '$') return strstr(path, wanted) != NULL;
    return whole >= length - 1 && strncmp(path + whole - (length - 1), wanted, length - 1) == 0;
}

static int real(const char* name, int fd) {
    int (*call)(int);
    *(void**)&call = dlsym(RTLD_NEXT, name);
    return call(fd);
}

int fsync(int fd) {
    if (!fails(fd)) return real("fsync", fd);
    errno = EIO;
    return -1;
}

int fdatasync(int fd) {
    if (!fails(fd)) return real("fdatasync", fd);
    errno = EIO;
    return -1;
}
