/*===- benchmarks/int4/cortex-m/string.h - For boards without a library ----===*
 *
 * Part of the Hillock project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*
 */
#ifndef HILLOCK_BENCHMARKS_INT4_CORTEX_M_STRING_H
#define HILLOCK_BENCHMARKS_INT4_CORTEX_M_STRING_H

#include <stddef.h>

/* In board.c. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

#endif /* HILLOCK_BENCHMARKS_INT4_CORTEX_M_STRING_H */
