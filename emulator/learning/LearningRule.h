//===- emulator/learning/LearningRule.h - Sums of products ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Loihi's learning engine is programmed with (Davies et al. 2018): for
// weight, delay and tag one sum of products each,
//
//   z := z + sum_i  mantissa_i * 2^exponent_i * dependency_i * prod_j factor_ij
//
// and how the five traces move. Rules are written as in Lava, for instance
// "2^-2*x1*y0 - 2^-2*x0*y1".
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_LEARNING_LEARNINGRULE_H
#define HILLOCK_EMULATOR_LEARNING_LEARNINGRULE_H

#include "base/Error.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hillock::emu {

/// What a sum changes. Lava calls the delay tag_2 and the tag tag_1.
enum class LearningTarget : uint8_t { Weight, Delay, Tag };
inline constexpr std::array<LearningTarget, 3> learningTargets = {
    LearningTarget::Weight, LearningTarget::Delay, LearningTarget::Tag};

/// What gates a product, and when its traces are sampled.
enum class LearningGate : uint8_t {
  PreSpike,  ///< x0: the source fired in the epoch; at its last spike
  PostSpike, ///< y0: the target fired in the epoch; at its last spike
  Epoch,     ///< u_k: every 2^k-th epoch; at the epoch's end
};

enum class LearningVariable : uint8_t {
  X0, ///< 1 when the source fired in the epoch
  Y0, ///< 1 when the target fired in the epoch
  X1,
  X2,
  Y1,
  Y2,
  Y3,
  Weight,
  Delay,
  Tag,
  Constant, ///< only the factor's constant
};

/// "x1", "w", "C" ... as Lava writes them.
std::string_view variableName(LearningVariable variable);
std::optional<LearningVariable> variableOf(std::string_view name);
/// Value bits of a factor, by which products are scaled back (lava
/// magma/core/learning/constants.py).
unsigned variableBits(LearningVariable variable);

/// variable + constant, or the sign of it.
struct LearningFactor {
  LearningVariable variable = LearningVariable::X1;
  int32_t constant = 0;
  bool sign = false; ///< only of Weight, Delay and Tag

  bool operator==(const LearningFactor &) const = default;
};

struct LearningProduct {
  LearningGate gate = LearningGate::PreSpike;
  uint32_t decimate = 0; ///< k of u_k, 0..9; else 0
  int32_t mantissa = 1;  ///< -8..7
  int32_t exponent = 0;  ///< -7..8; Lava stores it plus 7
  std::vector<LearningFactor> factors;

  bool operator==(const LearningProduct &) const = default;
};

/// A trace decays by exp(-1/tau) a step and grows by impulse with a spike.
struct TraceConfig {
  double impulse = 0; ///< 0..32767; the chip's registers hold less than 128
  double tau = 0;     ///< steps; 0: the trace is 0 except in a spike's own step
};

/// Order of the traces wherever they are in a list.
enum TraceIndex : uint32_t { TraceX1, TraceX2, TraceY1, TraceY2, TraceY3 };
inline constexpr std::array<std::string_view, 5> traceNames = {"x1", "x2", "y1",
                                                               "y2", "y3"};

struct LearningRule {
  /// By LearningTarget; empty: that variable does not change.
  std::array<std::vector<LearningProduct>, 3> products;
  std::array<TraceConfig, 5> traces; ///< by TraceIndex
  uint32_t epochSteps = 1;           ///< 1..63

  std::vector<LearningProduct> &of(LearningTarget target) {
    return products[static_cast<size_t>(target)];
  }
  const std::vector<LearningProduct> &of(LearningTarget target) const {
    return products[static_cast<size_t>(target)];
  }

  /// Input error when a field is out of the ranges above, a sign is taken of
  /// something else than w, d or t, or two products have different u_k (a
  /// profile has one decimate exponent).
  Error check() const;
};

/// One sum in Lava's notation. Products are separated by + and -; each has one
/// of x0, y0, u0..u9 (the first gates, x0 and y0 after it are factors) and, all
/// joined by *, any number of
///   x1 x2 y1 y2 y3 w d t             a variable
///   (w + 4) (3 - y1) (x1 - 2^2)      plus a constant that is an integer
///   sgn(w) sgn(t - 2)                the sign of a synaptic variable
///   5 2^-3 3*2^-2 (2)                scale, gathered into mantissa and
///   exponent
/// Input error with the column, from 1, for anything else and for what the
/// engine cannot do: mantissas outside -8..7, exponents outside -7..8,
/// constants of more than eight bits and a sign, no gate, different u_k.
/// (Lava drops the sign in "(-w)"; here it goes into the mantissa.)
/// \p where stands in front of the column ("rule 'stdp': dw").
Expected<std::vector<LearningProduct>>
parseLearningProducts(std::string_view text, const std::string &where = {});

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_LEARNING_LEARNINGRULE_H
