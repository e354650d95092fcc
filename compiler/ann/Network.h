//===- compiler/ann/Network.h - Feed-forward networks -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The normal form to which importers bring a network without neurons: one
// input, one output, layers in the order of evaluation, shapes known and
// checked, no batch axis. Plain C++: calibration runs on it, and a fuzzer can
// link it without MLIR. The ann dialect is its other notation.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_NETWORK_H
#define HILLOCK_COMPILER_ANN_NETWORK_H

#include "base/Error.h"
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace hillock::ann {

using Shape = std::vector<int64_t>;

/// More than this many elements in a value or in weights are refused.
constexpr int64_t maxElements = int64_t{1} << 28;

enum class Kind {
  Conv,        ///< (C, H, W) -> (O, H', W'), groups
  Linear,      ///< (I) -> (O)
  MaxPool,     ///< (C, H, W) -> (C, H', W'); padding never wins
  AveragePool, ///< the same; see Layer::includePad
  Add,         ///< two values of one shape
  Concat,      ///< along Layer::axis
  Reshape,     ///< same elements in the same order
  Transpose,   ///< out axis i is in axis Layer::permutation[i]
  Clip,        ///< the clamp (and the given quantization) alone
  Softmax,     ///< (N) -> (N); at the end only
  ArgMax,      ///< (N) -> (1); at the end only
};
/// "conv", "linear", "max_pool", ...: the mnemonics of the ann dialect.
const char *kindName(Kind kind);

/// real = scale * (code - zero), code in low .. high.
struct Quantization {
  double scale = 1;
  int32_t zero = 0;
  int32_t low = -128, high = 127;
  bool operator==(const Quantization &) const = default;

  /// Nearest code, ties to even, saturated.
  int32_t code(double real) const {
    const double q = std::nearbyint(real / scale) + zero;
    return q <= low ? low : q >= high ? high : static_cast<int32_t>(q);
  }
  double real(int64_t code) const {
    return scale * static_cast<double>(code - zero);
  }
  /// Bits that hold low .. high in two's complement.
  unsigned bits() const;
};

/// Sliding windows of convolutions and pools, rows then columns. What lies
/// outside of the input is zero for convolutions and absent for pools.
struct Window {
  std::array<int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1};
  std::array<int64_t, 2> begin{0, 0}, end{0, 0};
  /// Further cells at the end that ceil_mode lets a pool's last window reach;
  /// they are never counted.
  std::array<int64_t, 2> extra{0, 0};
  bool operator==(const Window &) const = default;

  bool isPointwise() const { return *this == Window{}; }
  /// Positions along axis \p a of an input of \p size; below 1: none fits.
  int64_t positions(unsigned a, int64_t size) const;
};

/// Weights that the file already holds as integers (QuantizeLinear).
struct GivenWeights {
  std::vector<int8_t> codes;  ///< in the order of Layer::weights
  std::vector<double> scales; ///< one, or one an output channel
  std::vector<int32_t> zeros; ///< the same number
  unsigned bits = 8;
};

struct Value {
  std::string name;
  Shape shape;
  /// The file says how the value is quantized; at the real level it is rounded
  /// to that grid.
  std::optional<Quantization> given;
  int64_t elements() const;
};

struct Layer {
  Kind kind = Kind::Clip;
  std::string name; ///< of the node in the user's graph
  std::vector<int> inputs;
  int output = -1;
  /// Clamp of the result: a fused Relu or Clip.
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();

  Window window;
  int64_t groups = 1;
  bool includePad = false;    ///< AveragePool: padding counts as zeros
  std::vector<float> weights; ///< Conv: (O, I/groups, K, K); Linear: (O, I)
  std::vector<double> bias;   ///< empty, or one an output channel
  std::optional<GivenWeights> given;
  std::vector<int64_t> permutation;
  int64_t axis = 0;

  bool clamps() const { return std::isfinite(low) || std::isfinite(high); }
  bool hasWeights() const { return kind == Kind::Conv || kind == Kind::Linear; }
};

struct Network {
  std::string name;
  std::vector<Value> values;
  std::vector<Layer> layers;
  int input = -1, output = -1; ///< indices of values
  std::vector<std::string> remarks;

  const Value &out(const Layer &layer) const {
    return values[static_cast<size_t>(layer.output)];
  }
  const Value &in(const Layer &layer, size_t i = 0) const {
    return values[static_cast<size_t>(layer.inputs[i])];
  }
  int64_t outputChannels(const Layer &layer) const {
    return out(layer).shape.front();
  }
  /// Index of the layer that makes a value; -1 for the input.
  int producer(int value) const;
};

/// Elements of \p shape; nothing for axes below 1 or more than maxElements.
std::optional<int64_t> countElements(const Shape &shape);

/// The shape that \p layer makes of its inputs, or an error that names it.
Expected<Shape> inferShape(const Network &network, const Layer &layer);

/// All invariants: order, indices, shapes, sizes of weights, finite numbers,
/// Softmax and ArgMax at the end. Errors name \p where and the layer.
Error check(const Network &network, const std::string &where);

/// Drops layers that the output does not depend on, and their values.
void dropDead(Network &network);

/// Multiplications and additions of one inference.
uint64_t macs(const Network &network, const Layer &layer);
uint64_t macs(const Network &network);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_NETWORK_H
