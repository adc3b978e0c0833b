/* Products of 8 x 8 matrices of REAL: float, or double (in hardware on the CM7, by library on the CM4). */
#include "work.h"

#define N 8
static REAL a[N][N], b[N][N], c[N][N];

static NOINLINE void multiply(void) {
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) {
            REAL sum = 0;
            for (int k = 0; k < N; ++k) sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

uint32_t work(uint32_t times) {
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) {
            a[i][j] = (REAL)(i + 1) / (REAL)2;
            b[i][j] = (REAL)(N - j) / (REAL)4;
        }
    REAL total = 0;
    for (uint32_t n = 0; n < times; ++n) {
        multiply();
        total += c[n % N][n / N % N];
        a[n % N][n / N % N] += (REAL)0.001;
    }
    return (uint32_t)(total / (REAL)1024);
}
