//===- tests/unit/compiler/reference/Networks.h - By hand -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds small networks op by op, so that these tests depend on the dialect and
// the interpreter alone and not on an importer.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_COMPILER_REFERENCE_NETWORKS_H
#define HILLOCK_TESTS_UNIT_COMPILER_REFERENCE_NETWORKS_H

#include "base/NdArray.h"
#include "compiler/reference/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace hillock::reference::test {

using Shape = std::vector<int64_t>;

/// $HILLOCK_DATA/name, or empty.
std::string dataFile(const std::string &name);
#define HILLOCK_NEED_DATA()                                                    \
  if (dataFile("").empty())                                                    \
  GTEST_SKIP() << "HILLOCK_DATA is not set"

/// The value or, after a test failure, a default one.
template <typename T> T need(Expected<T> value) {
  if (value)
    return std::move(*value);
  ADD_FAILURE() << takeText(value.takeError());
  return T();
}

/// A convention, starting from forward Euler, reset to a value, strict.
struct Convention {
  snn::Integrator integrator = snn::Integrator::Euler;
  snn::Order order = snn::Order::IntegrateFire;
  snn::Reset reset = snn::Reset::Value;
  snn::Compare compare = snn::Compare::Strict;
  int64_t refractory = 0;
  bool multi = false;
  int64_t clamp = 0;
};

/// Parameters of a neuron kind by name: one value, or one a neuron.
using Parameters = std::map<std::string, std::vector<double>>;

struct Network {
  explicit Network(double dt, bool singlePrecision = false);

  mlir::Value input(Shape shape, bool graded = false,
                    const std::string &name = "x");
  mlir::Value dense(mlir::Value input, int64_t out, std::vector<double> weights,
                    std::vector<double> bias = {}, int64_t start = 0);
  mlir::Value conv(mlir::Value input, Shape out, Shape kernel,
                   std::vector<double> weights, Shape stride, Shape padding,
                   Shape dilation = {1, 1}, int64_t groups = 1,
                   std::vector<double> bias = {});
  mlir::Value pool(mlir::Value input, Shape out, snn::PoolKind kind,
                   Shape kernel, Shape stride, Shape padding);
  /// A delay of one step whose input is not known yet: the way back of a loop.
  mlir::Value openLoop(Shape shape);
  void closeLoop(mlir::Value delayed, mlir::Value source);
  mlir::Value sum(std::vector<mlir::Value> inputs);
  mlir::Value flatten(mlir::Value input);
  mlir::Value neurons(snn::Kind kind, mlir::Value input,
                      const Parameters &parameters,
                      const Convention &convention, const std::string &name);
  mlir::Value population(const std::string &program, mlir::Value input,
                         const std::map<std::string, int64_t> &registers,
                         const std::map<std::string, int64_t> &initial,
                         const std::string &name);
  void output(mlir::Value value, const std::string &name = "y");

  mlir::ElementsAttr f32(Shape shape, const std::vector<double> &values);
  mlir::Type spikes(Shape shape);
  mlir::Type current(Shape shape, bool integer = false);

  /// Verifies and runs; test failures for errors.
  Trace run(const std::vector<Event> &events, int64_t steps,
            std::vector<std::string> probes = {});
  void verify();

  mlir::MLIRContext context;
  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  snn::NetworkOp network;
};

/// A (steps, neurons) array as a recording, so that it can be compared; of
/// \p array only whether a value is zero when \p binary is set.
Recording recordingOf(const NdArray &array, int64_t neurons,
                      bool binary = true);

/// \p recording \p steps later (or earlier when negative), cut to its length.
Recording shifted(const Recording &recording, int64_t steps);

} // namespace hillock::reference::test

#endif // HILLOCK_TESTS_UNIT_COMPILER_REFERENCE_NETWORKS_H
