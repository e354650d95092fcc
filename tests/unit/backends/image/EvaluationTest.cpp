//===- tests/unit/backends/image/EvaluationTest.cpp - Systems by hand -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small systems whose numbers are worked out by hand, and the worked example of
// a compartment that nengo-loihi's emulator gives.
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"
#include "tests/unit/backends/image/Support.h"

using namespace hillock;
using namespace hillock::test;

namespace {

/// Compartments that pass on their input as state u (decay_u = 4095 keeps
/// nothing) and never spike, or, with \p relay, spike on any positive input.
image::CoreTables core(uint32_t id, uint32_t compartments, bool relay) {
  image::CoreTables t;
  t.core = id;
  t.compartments = compartments;
  t.compartmentProfiles = {
      {{"decay_u", 4095}, {"decay_v", 4095}, {"refract_delay", 1}}};
  t.thresholdProfiles = {{{"vth", relay ? 0 : 131071}}};
  t.profileOf.assign(compartments, 0);
  t.thresholdOf.assign(compartments, 0);
  t.outFirst.assign(compartments + 1, 0);
  t.config = {{"ds_offset", 1}, {"neg_vm_limit", 23}, {"pos_vm_limit", 7}};
  return t;
}

void addRow(image::CoreTables &t, uint8_t format, std::vector<uint16_t> targets,
            std::vector<int16_t> mantissas, std::vector<uint8_t> delays) {
  t.rows.target.insert(t.rows.target.end(), targets.begin(), targets.end());
  t.rows.mantissa.insert(t.rows.mantissa.end(), mantissas.begin(),
                         mantissas.end());
  t.rows.delay.insert(t.rows.delay.end(), delays.begin(), delays.end());
  t.rows.first.push_back(static_cast<uint32_t>(t.rows.target.size()));
  t.rows.format.push_back(format);
}

image::SynapseFormat format(int exponent, uint8_t delayBits = 0,
                            bool onSum = false) {
  image::SynapseFormat f;
  f.weightExp = static_cast<int8_t>(exponent);
  f.delayBits = delayBits;
  f.exponentOnSum = onSum;
  return f;
}

/// One system with an input of \p axons neurons, neuron n on axon n of the
/// first core, and probes of u and v of every core.
class Bench {
public:
  Bench(const std::vector<image::CoreTables> &cores, uint16_t axons)
      : context(makeContext()), module(systemOf(cores, *context)) {
    neurocore::SystemOp op = systemIn(*module);
    mlir::OpBuilder builder(context.get());
    builder.setInsertionPointToEnd(&op.getBody().front());
    mlir::Location loc = builder.getUnknownLoc();
    std::vector<uint32_t> first, core(axons, cores[0].core), chip(axons);
    std::vector<uint16_t> axon, atom(axons);
    for (uint16_t n = 0; n <= axons; ++n)
      first.push_back(n);
    for (uint16_t n = 0; n < axons; ++n)
      axon.push_back(n);
    auto *c = context.get();
    neurocore::InputOp::create(
        builder, loc, "x", llvm::ArrayRef<int64_t>{axons},
        neurocore::listOf(c, first, "first"),
        neurocore::listOf(c, chip, "chip"), neurocore::listOf(c, core, "core"),
        neurocore::listOf(c, axon, "axon"), neurocore::listOf(c, atom, "atom"));
    for (const char *state : {"u", "v"})
      neurocore::ProbeOp::create(
          builder, loc, builder.getStringAttr(state), mlir::StringAttr(),
          builder.getDenseI64ArrayAttr({0, cores.back().core}));
    EXPECT_EQ(diagnosticsOf(op), "");
  }
  Signals run(const std::vector<Signal> &input, int64_t steps) {
    return runSystem(systemIn(*module), {{"x", input}}, steps);
  }

private:
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

// nengo-loihi's emulator, decay_u 409, decay_v 128, vth 100, one weight of 100
// with exponent 0, a spike stamped 3: u = 6400 in step 4 and 5759 in step 5; v
// is 6400, not above 6400, then 11,959, which spikes.
TEST(Evaluation, TheCompartmentOfNengoLoihi) {
  image::CoreTables t = core(0, 1, false);
  t.compartmentProfiles[0] = {
      {"decay_u", 409}, {"decay_v", 128}, {"refract_delay", 1}};
  t.thresholdProfiles[0]["vth"] = 100;
  t.formats = {format(0)};
  addRow(t, 0, {0}, {100}, {});
  t.axonsIn = {{image::AxonType::Discrete, 0, 1, 0}};
  Signals run = Bench({t}, 1).run({{0}, {0}, {0}, {1}}, 6);
  EXPECT_EQ(run["probe u"],
            (std::vector<Signal>{{0}, {0}, {0}, {0}, {6400}, {5759}}));
  EXPECT_EQ(run["probe v"],
            (std::vector<Signal>{{0}, {0}, {0}, {0}, {6400}, {0}}));
  EXPECT_EQ(run["population layer0"],
            (std::vector<Signal>{{0}, {0}, {0}, {0}, {0}, {1}}));
}

// A mantissa m of exponent e weighs m * 2^(6 + e); a negative e drops low bits
// of each mantissa: 102 >> 2 = 25, -102 >> 2 = -26, times 64.
TEST(Evaluation, Exponents) {
  image::CoreTables t = core(0, 4, false);
  t.formats = {format(2), format(-2), format(-2, 0, true)};
  addRow(t, 0, {0, 1}, {102, -102}, {});
  addRow(t, 1, {0, 1}, {102, -102}, {});
  addRow(t, 2, {2, 3}, {102, -102}, {});
  for (uint32_t a = 0; a < 3; ++a)
    t.axonsIn.push_back({image::AxonType::Discrete, a, 1, 0});
  Signals run = Bench({t}, 3).run({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 4);
  EXPECT_EQ(run["probe u"], (std::vector<Signal>{{0, 0, 0, 0},
                                                 {26112, -26112, 0, 0},
                                                 {1600, -1664, 0, 0},
                                                 {0, 0, 102, -102}}));
}

// A delay of d arrives d steps after the next step; a payload multiplies.
TEST(Evaluation, DelaysBasesAndPayloads) {
  image::CoreTables t = core(0, 8, false);
  t.config["delay_bits"] = 3;
  t.formats = {format(0, 3)};
  addRow(t, 0, {0, 1, 0}, {2, 4, 8}, {0, 3, 6});
  t.axonsIn = {{image::AxonType::Discrete, 0, 1, 0},
               {image::AxonType::Discrete, 0, 1, 6}};
  Signals run = Bench({t}, 2).run({{1, 0}, {0, 3}}, 10);
  std::vector<Signal> expected(10, Signal(8));
  expected[1][0] = 2 * 64;
  expected[4][1] = 4 * 64;
  expected[7][0] = 8 * 64;
  expected[2][6] = 3 * 2 * 64;
  expected[5][7] = 3 * 4 * 64;
  expected[8][6] = 3 * 8 * 64;
  EXPECT_EQ(run["probe u"], expected);
}

// Core 1 relays what it gets to atom 1 of a population axon of core 9, one step
// for each hop from core to core.
TEST(Evaluation, MessagesTakeAStep) {
  image::CoreTables first = core(1, 2, true);
  first.formats = {format(0)};
  addRow(first, 0, {1}, {2}, {});
  first.axonsIn = {{image::AxonType::Discrete, 0, 1, 0}};
  first.axonsOut = {{image::AxonType::Pop16, 0, 9, 0, 1},
                    {image::AxonType::Pop16, 0, 9, 0, 0}};
  first.outFirst = {0, 0, 2};
  image::CoreTables second = core(9, 8, false);
  second.formats = {format(0)};
  addRow(second, 0, {1}, {2}, {});
  addRow(second, 0, {2}, {6}, {});
  second.axonsIn = {{image::AxonType::Pop16, 0, 2, 4}};
  Signals run = Bench({first, second}, 1).run({{1}}, 5);
  EXPECT_EQ(run["population layer0"],
            (std::vector<Signal>{{0, 0}, {0, 1}, {0, 0}, {0, 0}, {0, 0}}));
  std::vector<Signal> expected(5, Signal(8));
  expected[2][5] = 2 * 64;
  expected[2][6] = 6 * 64;
  EXPECT_EQ(run["probe u"], expected);
}

// Beyond 2^31 an accumulator wraps, and the program wraps it at 21 value bits:
// 254 * 2^13 * 1033 = 2,149,433,344 = -2,145,533,952 mod 2^32, which is
// 1,949,696 mod 2^22.
TEST(Evaluation, AccumulatorsWrap) {
  image::CoreTables t = core(0, 1, false);
  t.formats = {format(7)};
  addRow(t, 0, {0}, {254}, {});
  t.axonsIn = {{image::AxonType::Discrete, 0, 1, 0}};
  Signals run = Bench({t}, 1).run({{1033}}, 2);
  EXPECT_EQ(run["probe u"][1], Signal{1949696});
}

} // namespace
