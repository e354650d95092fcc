/*===- benchmarks/int4/cortex-m/board.c - Instructions of a call ---------===*
 *
 * Part of the Hillock project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*
 *
 * A whole program for a Cortex-M without a C library, for QEMU's MPS2 board:
 * with "-icount shift=0" an instruction takes a nanosecond there, and SysTick
 * counts the board's clock of 25 MHz: a tick is 40 instructions.
 */
#include "net.h"
#include "samples.h"
#include <stdint.h>
#include <string.h>

void plain_run(const int8_t *input, int32_t *output);
int main(void);
extern char stack_top[];

void reset(void) {
  main();
  for (;;) {
  }
}
__attribute__((section(".vectors"),
               used)) static const void *const vectors[] = {
    stack_top, (const void *)reset};

void *memcpy(void *to, const void *from, size_t n) {
  char *t = to;
  const char *f = from;
  while (n--) {
    *t++ = *f++;
    __asm__ volatile("" ::: "memory");
  }
  return to;
}
void *memset(void *to, int byte, size_t n) {
  char *t = to;
  while (n--) {
    *t++ = (char)byte;
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

/* Semihosting: the debugger's console. */
static void host(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}
enum { writes = 4, exits = 0x18, done = 0x20026 };
static void say(const char *text) { host(writes, text); }
/* A Cortex-M0 has no division. */
static void sayNumber(uint32_t x) {
  static const uint32_t powers[] = {1000000000, 100000000, 10000000, 1000000,
                                    100000,     10000,     1000,     100,
                                    10,         1};
  char text[11];
  int length = 0;
  for (int i = 0; i < 10; ++i) {
    char digit = '0';
    for (; x >= powers[i]; x -= powers[i])
      ++digit;
    if (digit != '0' || length || i == 9)
      text[length++] = digit;
  }
  text[length] = 0;
  say(text);
}

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
enum { instructionsATick = 40, largestCount = 0xFFFFFF };

static int8_t arena[NET_ARENA_SIZE] __attribute__((aligned(16)));
static int32_t output[NET_OUTPUT_SIZE];

static void call(int ours, int sample) {
  const int8_t *input = (const int8_t *)samples + sample * NET_INPUT_SIZE;
  if (ours)
    net_run(input, output, arena);
#ifdef PLAIN
  else
    plain_run(input, output);
#endif
}

/* Says how many instructions a call takes, and how many outputs were wrong. */
static void measure(int ours) {
  uint32_t ticks = 0, wrong = 0;
  for (int i = 0; i < count; ++i) {
    SYST_RVR = largestCount;
    SYST_CVR = 0;
    SYST_CSR = 5; /* the processor's clock, no interrupt */
    call(ours, i);
    ticks += largestCount - SYST_CVR;
    SYST_CSR = 0;
    for (int o = 0; o < NET_OUTPUT_SIZE; ++o)
      wrong += output[o] != wanted[i * NET_OUTPUT_SIZE + o];
  }
  say(ours ? "hillock " : "plain ");
  sayNumber(ticks * instructionsATick / count);
  say(" ");
  sayNumber(wrong);
  say("\n");
}

int main(void) {
  measure(1);
#ifdef PLAIN
  measure(0);
#endif
  host(exits, (const void *)done);
  return 0;
}
