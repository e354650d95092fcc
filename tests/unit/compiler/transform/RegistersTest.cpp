//===- tests/unit/compiler/transform/RegistersTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Registers.h"
#include "compiler/transform/loihi/Scale.h"
#include <gtest/gtest.h>

using namespace hillock::transform;

namespace {

Recurrence readout(double decayU, double decayV) {
  Recurrence r = memoryless();
  r.decayU = decayU;
  r.decayV = decayV;
  return r;
}

} // namespace

TEST(Registers, AMemorylessReadoutKeepsNothing) {
  Registers r = registersOf({memoryless()}, {0.5}, {1000}, true, 2);
  // 4096 - 1 - 4095 = 0 of 4096 is kept, of u and of v.
  EXPECT_EQ(r.decayU, (std::vector<int32_t>{4095}));
  EXPECT_EQ(r.decayV, (std::vector<int32_t>{4095}));
  EXPECT_EQ(r.dmOffset, 1);
  EXPECT_EQ(r.biasMant[0] << r.biasExp[0], 500);
  EXPECT_EQ(r.startU[0], 0);
  EXPECT_EQ(r.startV[0], 0);
}

TEST(Registers, AnIntegratorStartsBelowItsBias) {
  // Three steps of 500 each pass before the network begins.
  Registers r = registersOf({readout(0, 1)}, {0.5}, {1000}, true, 3);
  EXPECT_EQ(r.decayV[0], 0);
  EXPECT_EQ(r.dmOffset, 0);
  EXPECT_EQ(r.startV[0], -1500);
  // Without a readout the start is the network's.
  EXPECT_EQ(registersOf({readout(0, 1)}, {0.5}, {1000}, false, 3).startV[0], 0);
}

TEST(Registers, AFilteredBiasRisesFromZero) {
  // u keeps 1/2: -4000 becomes -1000 after two steps, minus the bias of 1000.
  // v without a leak has then had 1000 - 2000 and 1000 - 1000: it starts at
  // 1000.
  Recurrence r = readout(0.5, 1);
  Registers values = registersOf({r}, {1}, {1000}, true, 2);
  EXPECT_EQ(values.startU[0], -4000);
  EXPECT_EQ(values.startV[0], 1000);
}

TEST(Registers, GainIsThatOfRoundedDecays) {
  // 1 - 1/4 and 1 - 1/2 are multiples of 1/4096.
  DcGain gain = dcGainOf({readout(0.5, 0.75), readout(0, 0.5)});
  EXPECT_DOUBLE_EQ(gain.sum, 8);
  EXPECT_DOUBLE_EQ(gain.bias, 4);
  EXPECT_FALSE(gain.endless);
  // What rounds to no decay is one without.
  EXPECT_TRUE(dcGainOf({readout(0, 0.99995)}).endless);
  EXPECT_DOUBLE_EQ(dcGainOf({readout(0, 1)}).sum, readoutSteps);
}
