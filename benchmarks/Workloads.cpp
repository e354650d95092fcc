//===- benchmarks/Workloads.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Workloads.h"
#include "benchmarks/WorkloadRules.h"
#include "image/ProgramBuilder.h"

using namespace hillock::image;

namespace hillock::bench {

namespace {

/// V <- V - (V >> 3) + sum, spike and reset at the threshold. A synapse adds
/// 128 times its weight.
Program w1Program(int32_t threshold) {
  ProgramBuilder b("w1_lif");
  auto v = b.state("v", 31);
  auto sum = b.shr(b.input(), b.constant(7));
  auto x = b.add(b.sub(v, b.shr(v, b.constant(3))), sum);
  auto fires = b.lessEqual(b.constant(threshold), x);
  b.write("v", b.select(fires, b.constant(0), x));
  b.fire(fires, b.constant(1));
  return b.take();
}

/// V <- (V * 3896 >> 12) + 843 + input, threshold 12800, two steps refractory
/// in which input and bias are ignored and the leak goes on.
Program w2Program() {
  ProgramBuilder b("w2_lif");
  auto v = b.state("v", 31);
  auto ref = b.state("ref", 6);
  auto zero = b.constant(0), one = b.constant(1);
  auto leaked = b.mulShr(v, b.constant(3896), 12);
  auto active = b.equal(ref, zero);
  auto driven = b.add(leaked, b.add(b.constant(843), b.input()));
  auto x = b.select(active, driven, leaked);
  auto fires = b.both(active, b.lessEqual(b.constant(12800), x));
  b.write("v", b.select(fires, zero, x));
  b.write("ref", b.select(fires, b.constant(2), b.max(b.sub(ref, one), zero)));
  b.fire(fires, one);
  return b.take();
}

/// Rows of an int16 matrix, in x out.
class MatrixRows : public mapping::Connectivity {
public:
  MatrixRows(uint32_t outputs, std::vector<int16_t> values)
      : outputs(outputs), values(std::move(values)) {}
  void append(uint32_t source,
              std::vector<mapping::Synapse> &synapses) const override {
    for (uint32_t j = 0; j < outputs; ++j)
      if (int16_t m = values[source * outputs + j])
        synapses.push_back({j, m, 0});
  }

private:
  uint32_t outputs;
  std::vector<int16_t> values;
};

/// W2's random graph, turned from incoming lists into outgoing rows.
class RandomRows : public mapping::Connectivity {
public:
  void append(uint32_t source,
              std::vector<mapping::Synapse> &synapses) const override {
    // Stored with exponent -1: 2 adds 64, -10 adds -320.
    int16_t mantissa = source < 8000 ? 2 : -10;
    for (uint32_t s = rows.first[source]; s < rows.first[source + 1]; ++s)
      synapses.push_back({rows.target[s], mantissa, 0});
  }

private:
  W2Rows rows;
};

mapping::Population population(std::string name, int64_t size,
                               std::string program) {
  mapping::Population result;
  result.name = std::move(name);
  result.shape = {size};
  result.isInput = program.empty();
  result.program = std::move(program);
  return result;
}

mapping::Projection
projection(uint32_t source, uint32_t target, int8_t exponent,
           std::shared_ptr<const mapping::Connectivity> connectivity) {
  mapping::Projection result;
  result.source = source;
  result.target = target;
  result.weightExp = exponent;
  result.connectivity = std::move(connectivity);
  return result;
}

} // namespace

namespace {

/// A weight w is stored as the mantissa w << \p up, of \p bits bits: the lowest
/// ones of 8 are not stored, nor that of the sign.
Workload classifier(W1Rule rule, uint8_t bits, int up) {
  std::vector<int16_t> hidden(784 * 1024), out(1024 * 10);
  for (size_t i = 0; i < hidden.size(); ++i)
    hidden[i] = static_cast<int16_t>(rule.hidden(i) * (1 << up));
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<int16_t>(rule.output(i) * (1 << up));
  Workload w;
  w.network.name = "w1";
  w.network.populations = {population("input", 784, ""),
                           population("hidden", 1024, "w1_lif"),
                           population("output", 10, "w1_lif")};
  w.network.projections = {
      projection(0, 1, 0, std::make_shared<MatrixRows>(1024, hidden)),
      projection(1, 2, 0, std::make_shared<MatrixRows>(10, out))};
  for (mapping::Projection &to : w.network.projections) {
    to.weightBits = bits;
    to.weightExp = static_cast<int8_t>(1 - up);
  }
  w.network.outputs = {{"hidden", 1}};
  w.programs = {w1Program(rule.threshold)};
  w.input = w1Input();
  w.neurons = 1034;
  return w;
}

} // namespace

Workload makeW1() {
  Workload w = classifier(w1Rule, 8, 1);
  w.expectedSpikes = 65103;
  return w;
}

Workload makeW1Narrow() { return classifier(w1Narrow, 4, 5); }

Workload makeW2() {
  Workload w;
  w.network.name = "w2";
  w.network.populations = {population("neurons", w2Neurons, "w2_lif")};
  std::vector<int32_t> &start = w.network.populations[0].initial["v"];
  for (uint32_t j = 0; j < w2Neurons; ++j)
    start.push_back(w2Start(j));
  w.network.projections = {
      projection(0, 0, -1, std::make_shared<RandomRows>())};
  w.network.outputs = {{"neurons", 0}};
  w.programs = {w2Program()};
  w.neurons = w2Neurons;
  w.expectedSpikes = 176273;
  return w;
}

} // namespace hillock::bench
