//===- compiler/frontend/nir/ShapeInference.h -------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both ends of a wire, and both sides of a node that works element by element,
// have one shape: they form a class. Each class collects evidence (weights,
// parameters, declared shapes); the strongest decides, the rest must agree.
// Convolutions, pools and Flatten compute evidence for the class behind them
// once the class before them is decided; cycles need nothing special.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_SHAPEINFERENCE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_SHAPEINFERENCE_H

#include "compiler/frontend/nir/NormalizeSteps.h"
#include <algorithm>
#include <optional>

namespace hillock::nir {

enum class Strength : uint8_t {
  Hint,       ///< A port of a subgraph; may be wrong.
  Declared,   ///< Input, Output, Flatten; may have batch and time axes.
  Parameters, ///< Neuron parameters; may have leading ones, or be one value.
  Exact,      ///< Weights, and what follows from them.
};

struct Evidence {
  Shape shape; ///< -1 for an axis that is not known.
  Strength strength;
  size_t node;
  std::string field;

  bool complete() const {
    return std::find(shape.begin(), shape.end(), -1) == shape.end();
  }
  bool single() const { return elementCount(shape) == 1; }
};

enum class Fit : uint8_t { No, Yes, WithoutOnes, WithoutAxes };

/// How declared axes agree with the decided ones.
Fit fitDeclared(const Shape &shape, const Shape &wanted);
Fit fit(const Evidence &evidence, const Shape &wanted);

class ShapeInference {
public:
  ShapeInference(FlatGraph &flat, const std::vector<DissolvedPort> &ports)
      : flat(flat), ports(ports) {}
  Error fixTransposed(const NormalizeOptions &options);
  Error run();

private:
  static size_t in(size_t node) { return 2 * node; }
  static size_t out(size_t node) { return 2 * node + 1; }
  size_t find(size_t slot);
  void join(size_t a, size_t b) {
    a = find(a), b = find(b);
    parents[std::max(a, b)] = std::min(a, b);
  }
  void joinAll();
  Error collect();
  Error collectDense(size_t index);
  void collectConv(size_t index);
  void add(size_t slot, size_t node, Strength strength, const Shape &shape,
           const std::string &field) {
    evidence[find(slot)].push_back({shape, strength, node, field});
  }
  std::optional<Shape> decide(size_t slot, Strength least,
                              bool onlyWithInput) const;
  bool settle(Strength least, bool onlyWithInput, bool onlyOne);
  Error transferAll(bool &progress);
  Expected<Shape> transfer(size_t index, const Shape &shape);
  Expected<Shape> transferWindow(size_t index, const Shape &shape);
  Shape transferFlatten(size_t index, const Shape &shape);
  Error verify();
  Error mismatch(const Evidence &found, size_t slot);
  Error unknown();
  int fitsAs(size_t slot, size_t self, int64_t extent);
  void store();

  FlatGraph &flat;
  const std::vector<DissolvedPort> &ports;
  std::vector<size_t> parents;
  std::vector<std::vector<Evidence>> evidence; ///< By representative slot.
  std::vector<std::optional<Shape>> shapes;    ///< By representative slot.
  std::vector<bool> transferred;
};

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_SHAPEINFERENCE_H
