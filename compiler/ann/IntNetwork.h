//===- compiler/ann/IntNetwork.h - Networks in integers ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The executable form: codes, 32-bit sums, multipliers and shifts. No real
// number is left but the scales, which say what input and output codes mean.
// docs/int4.md is the specification.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_INTNETWORK_H
#define HILLOCK_COMPILER_ANN_INTNETWORK_H

#include "compiler/ann/Formats.h"
#include "compiler/ann/Network.h"
#include "compiler/ann/Requantize.h"
#include <span>

namespace hillock::ann {

struct IntValue {
  std::string name;
  Shape shape;
  Quantization q; ///< codes are q.low .. q.high
};

/// Kinds are those of Network without Softmax and ArgMax.
struct IntLayer {
  Kind kind = Kind::Clip;
  std::string name;
  std::vector<int> inputs;
  int output = -1;
  Window window;
  int64_t groups = 1;
  bool includePad = false;
  std::vector<int64_t> permutation;
  int64_t axis = 0;

  WeightFormat format;
  std::vector<int8_t> weights; ///< codes, unpacked, in the order of Layer
  std::vector<int32_t> zeros;  ///< of weights: empty (0) or one a channel
  std::vector<int32_t> bias;   ///< one a channel
  /// Conv, Linear: one a channel. AveragePool: one, or one for each count of
  /// cells from 1 on. Concat: one an input. Clip: one.
  std::vector<Multiplier> multipliers;
  PairMultiplier pair; ///< Add
  /// Clamp of the result's codes, within the value's q.low .. q.high.
  int32_t low = -128, high = 127;

  bool hasWeights() const { return kind == Kind::Conv || kind == Kind::Linear; }
};

struct IntNetwork {
  std::string name;
  std::vector<IntValue> values;
  std::vector<IntLayer> layers;
  int input = -1, output = -1;

  const IntValue &out(const IntLayer &layer) const {
    return values[static_cast<size_t>(layer.output)];
  }
  const IntValue &in(const IntLayer &layer, size_t i = 0) const {
    return values[static_cast<size_t>(layer.inputs[i])];
  }
};

/// Evaluates one layer; \p inputs are codes in the order of layer.inputs.
class IntRunner {
public:
  explicit IntRunner(const IntNetwork &network);

  /// Rounds \p input to codes and runs the network; the output's codes, valid
  /// until the next call.
  std::span<const int32_t> run(std::span<const float> input);
  std::span<const int32_t> runCodes(std::span<const int32_t> codes);
  const std::vector<int32_t> &value(int index) const {
    return values[static_cast<size_t>(index)];
  }

private:
  const IntNetwork &network;
  std::vector<std::vector<int32_t>> values;
  std::vector<int16_t> shifted;
  std::vector<int32_t> sums;
};

/// One layer alone; \p shifted and \p sums are scratch.
void evaluateLayer(const IntNetwork &network, const IntLayer &layer,
                   const std::vector<const int32_t *> &inputs, int32_t *out,
                   std::vector<int16_t> &shifted, std::vector<int32_t> &sums);

/// Ranges of codes, sizes, and that no sum leaves 32 bits for any input.
Error check(const IntNetwork &network, const std::string &where);

Error check(const IntNetwork &network, const IntLayer &layer);

/// Bytes of stored weights (Encoding.h), biases, multipliers and zero points.
uint64_t weightBytes(const IntLayer &layer);
uint64_t weightBytes(const IntNetwork &network);
/// Bytes of the largest set of values that live together, 4-bit codes packed:
/// what an arena needs when every layer writes beside its inputs.
uint64_t activationBytes(const IntNetwork &network);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_INTNETWORK_H
