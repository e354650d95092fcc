//===- tests/unit/backends/int4/RandomNetworks.h - Networks ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_BACKENDS_INT4_RANDOMNETWORKS_H
#define HILLOCK_TESTS_UNIT_BACKENDS_INT4_RANDOMNETWORKS_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::test {

/// A network of some layers of all kinds, shapes and formats.
ann::IntNetwork randomIntNetwork(uint64_t seed);
/// Three convolutions of many channels, the second with a filter a channel.
ann::IntNetwork wideIntNetwork(uint64_t seed);

/// The same with zeros among the weights: from all of them down to a half of
/// each layer.
ann::IntNetwork withZeros(ann::IntNetwork network, uint64_t seed);

/// Input codes, the extreme ones more often than others.
std::vector<int8_t> randomCodes(const ann::IntNetwork &network, uint64_t seed);

/// What the plain evaluation says.
std::vector<int32_t> expectedCodes(const ann::IntNetwork &network,
                                   const std::vector<int8_t> &input);

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_BACKENDS_INT4_RANDOMNETWORKS_H
