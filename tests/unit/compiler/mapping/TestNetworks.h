//===- tests/unit/compiler/mapping/TestNetworks.h ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks for tests of the mapping, made of random integers from fixed seeds.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_COMPILER_MAPPING_TESTNETWORKS_H
#define HILLOCK_TESTS_UNIT_COMPILER_MAPPING_TESTNETWORKS_H

#include "base/Random.h"
#include "compiler/mapping/problem/Connectivity.h"
#include "image/Program.h"
#include "target/TargetModel.h"

namespace hillock::mapping::test {

/// The built-in target; ends the program when it does not load.
const target::TargetModel &loihi();

/// A changed copy of the built-in target.
target::TargetModel loihiWith(void (*change)(proto::Target &target));

/// Enough of a neuron program for an image to load.
std::vector<image::Program> programs();

/// Adds a population with the registers of a plain LIF neuron; returns its
/// index.
uint32_t addPopulation(Network &network, const std::string &name,
                       std::vector<int64_t> shape);
uint32_t addInput(Network &network, const std::string &name,
                  std::vector<int64_t> shape);
/// Connects by a chain of stages that must be well formed.
Projection &connect(Network &network, uint32_t source, uint32_t target,
                    std::vector<Stage> stages,
                    std::vector<uint8_t> delays = {});
void addOutput(Network &network, uint32_t population);

/// Legal mantissas of 8 mixed bits (even, -256..254), a share \p zeros of
/// them 0.
Weights randomWeights(CounterRandom &random, size_t count, double zeros = 0);

Stage dense(CounterRandom &random, uint32_t inputs, uint32_t outputs,
            double zeros = 0);
/// Square kernel on channels x side x side.
Stage conv(CounterRandom &random, uint32_t inChannels, uint32_t side,
           uint32_t outChannels, uint32_t kernel, uint32_t stride,
           uint32_t padding, uint32_t groups = 1, uint32_t dilation = 1);
Stage pool(uint32_t channels, uint32_t side, uint32_t kernel, uint32_t stride);

/// The convolutional network of the N-MNIST workload: 2 x 34 x 34, two
/// convolutions, pool, convolution, pool, 256, 10.
Network scnn();
/// 12 inputs, 38 recurrent neurons, 7 outputs: the Braille workload's shape.
Network braille();
/// A random network of a few small layers; every kind of stage occurs over the
/// seeds.
Network randomNetwork(uint64_t seed);

} // namespace hillock::mapping::test

#endif // HILLOCK_TESTS_UNIT_COMPILER_MAPPING_TESTNETWORKS_H
