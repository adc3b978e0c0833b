/* A hosted C program: newlib with --specs=rdimon.specs, which asks everything of semihosting. Built for both cores.
   Expected on the semihosting console, with a folder: the lines below, exit status 3. Without one: "no file", status 4.
     CM7 says pi is 3.1416
     CM7 reads 26 bytes back: abcdefghijklmnopqrstuvwxyz
     CM7 renamed and removed it
     CM7 took <n> cs                                       (virtual time: the same in every run)
   What stands on its standard input is said again, line by line.                                                       */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef CORE_CM7
#define NAME "CM7"
#else
#define NAME "CM4"
#endif

int _rename(const char *from, const char *to); /* newlib's rename() links and unlinks, which its rdimon has not */

static int constructed;
static void __attribute__((constructor)) construct(void) { constructed = 1; }
static void goodbye(void) { printf(NAME " leaves\n"); }

int main(void) {
    volatile double one = 1.0;
    const clock_t begin = clock();
    atexit(goodbye);
    if (!constructed) return 5;
    printf(NAME " says pi is %.4f\n", one * 3.14159265);
    FILE *file = fopen(NAME ".txt", "w");
    if (file == NULL) {
        printf("no file: %s\n", errno == EACCES ? "EACCES" : strerror(errno));
        exit(4);
    }
    for (char c = 'a'; c <= 'z'; ++c) fwrite(&c, 1, 1, file);
    fclose(file);

    char text[64] = {0};
    file = fopen(NAME ".txt", "r");
    const size_t size = fread(text, 1, sizeof text, file);
    const int at_end = feof(file);
    fseek(file, 23, SEEK_SET);
    char last[4] = {0};
    fread(last, 1, 3, file);
    fclose(file);
    if (!at_end || strcmp(last, "xyz") != 0) return 6;
    printf(NAME " reads %u bytes back: %s\n", (unsigned)size, text);

    if (_rename(NAME ".txt", NAME ".old") != 0 || remove(NAME ".old") != 0) return 7;
    printf(NAME " renamed and removed it\n");
    file = fopen(NAME ".kept", "wb");
    fprintf(file, "kept by the " NAME "\n");
    fclose(file);

    char line[80];
    while (fgets(line, sizeof line, stdin) != NULL) printf(NAME " hears %s", line);
    fprintf(stderr, NAME " took %lu cs\n", (unsigned long)((clock() - begin) * 100 / CLOCKS_PER_SEC));
    exit(3);
}
