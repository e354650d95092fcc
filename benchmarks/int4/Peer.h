//===- benchmarks/int4/Peer.h - Real networks, by others --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network in float32 for a fixed batch, executed by somebody else's library
// on one thread. Weights are brought into the library's own form beforehand.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_INT4_PEER_H
#define HILLOCK_BENCHMARKS_INT4_PEER_H

#include "compiler/ann/Network.h"
#include <memory>

namespace hillock::bench {

class Peer {
public:
  virtual ~Peer() = default;
  /// Both sample by sample; a sample of several channels is (C, H, W).
  virtual void run(const float *input, float *output) = 0;
};

/// Null for a library that was not there when this program was built; an error
/// for a layer that the peer does not know.
Expected<std::unique_ptr<Peer>> makeOpenBlas(const ann::Network &network,
                                             int64_t batch);
Expected<std::unique_ptr<Peer>> makeOneDnn(const ann::Network &network,
                                           int64_t batch);

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_INT4_PEER_H
