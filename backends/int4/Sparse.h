//===- backends/int4/Sparse.h - Sums that skip zeros ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers whose weights are stored as compiler/ann/Encoding.h says: a list of
// entries an output channel, walked once for some pixels at a time. Nothing is
// done for a zero. One product at a time, so that it pays on processors without
// vectors as soon as it is smaller, on others where few products are left.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_SPARSE_H
#define HILLOCK_BACKENDS_INT4_SPARSE_H

#include "backends/int4/Layers.h"
#include "compiler/ann/Encoding.h"

namespace hillock::int4 {

/// The entries of layer \p index, when it is to be written so: by
/// Machine::zeros, the layer's size and what the machine's vectors can do.
std::optional<ann::SkipCode> skippingCode(const Context &c, size_t index);

/// Writes conv or linear layer \p index with these entries.
void emitSkippingSums(Context &c, size_t index, const ann::SkipCode &entries,
                      Value arena);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_SPARSE_H
