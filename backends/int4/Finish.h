//===- backends/int4/Finish.h - From sums to stored codes -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_FINISH_H
#define HILLOCK_BACKENDS_INT4_FINISH_H

#include "backends/int4/Layers.h"
#include "backends/int4/Rescale.h"

namespace hillock::int4 {

/// A vector (or lane) of sums and where its codes go.
struct Piece {
  Value sum;
  Value tables;      ///< byte offset of its first channel, 4 bytes a channel
  int64_t lanes = 1; ///< that are stored, from the first on
  Value to;
  bool joins = false; ///< its codes lie right behind those of the piece before
};

/// The tables of a layer's multipliers, and the code that uses them.
class Finisher {
public:
  /// \p channels: the output channel of each place of the tables. Sums have
  /// \p lanes lanes, are 2^\p scaled times as large as they should be, and at
  /// most \p largest before that. \p turned: pieces come in fours, lane 4 j + i
  /// of piece p being channel 16 j + 4 p + i of 64.
  Finisher(Context &c, size_t index, llvm::ArrayRef<int64_t> channels,
           int64_t lanes, unsigned scaled, int64_t largest,
           bool turned = false);
  void finish(llvm::ArrayRef<Piece> pieces);
  /// A table's words for a piece.
  Value load(Value table, Value offset);

private:
  void makeTables(llvm::ArrayRef<int64_t> channels);
  Value rescaled(const Piece &piece);
  void storeOne(const Piece &piece);
  void storeFour(llvm::ArrayRef<Piece> pieces);
  Value clampedBytes(Value bytes);

  Context &c;
  Emitter &e;
  const ann::IntLayer &layer;
  const Buffer &out;
  std::string name;
  int64_t lanes;
  unsigned scaled;
  bool turned, narrow = true;
  Rescale rescale;
  Value factors, offsets, shifts; ///< tables
};

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_FINISH_H
