//===- tests/unit/compiler/levels/ImportTest.cpp - Files to integers ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/Frontend.h"
#include "compiler/transform/loihi/Passes.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace mlir;

namespace {

class Import : public testing::Test {
protected:
  Import() {
    context.loadDialect<snn::SnnDialect>();
    module = ModuleOp::create(UnknownLoc::get(&context));
  }

  /// Path in the data folder; empty when there is none.
  static std::string data(const std::string &file) {
    const char *folder = std::getenv("HILLOCK_DATA");
    return folder ? std::string(folder) + "/nir/" + file : std::string();
  }

  Expected<frontend::Imported> import(const std::string &file,
                                      frontend::Options options = {}) {
    return frontend::importFile(data(file), options, *module);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

#define NEED_DATA()                                                            \
  if (data("").empty())                                                        \
  GTEST_SKIP() << "HILLOCK_DATA is not set"

template <typename Op> size_t count(snn::NetworkOp network) {
  auto ops = network.getBody().getOps<Op>();
  return std::distance(ops.begin(), ops.end());
}

} // namespace

TEST_F(Import, BrailleHasOneCutAndDtOfTheFile) {
  NEED_DATA();
  auto imported = import("03_rnn/braille_noDelay_bias_zero.nir");
  ASSERT_TRUE(bool(imported)) << takeText(imported.takeError());
  EXPECT_NEAR(imported->network.getDt().convertToDouble(), 1e-4, 1e-10);
  EXPECT_EQ(count<snn::DelayOp>(imported->network), 1u);
  EXPECT_EQ(count<snn::NeuronsOp>(imported->network), 2u);
  EXPECT_EQ(count<snn::DenseOp>(imported->network), 3u);
}

TEST_F(Import, ScnnBecomesIntegers) {
  NEED_DATA();
  auto imported = import("02_cnn/cnn_sinabs.nir");
  ASSERT_TRUE(bool(imported)) << takeText(imported.takeError());
  std::vector<std::string> remarks;
  auto integer = transform::quantizeToLoihi(imported->network, {}, remarks);
  ASSERT_TRUE(bool(integer)) << takeText(integer.takeError());
  ASSERT_TRUE(succeeded(verify(*integer)));
  EXPECT_EQ(count<snn::PopulationOp>(*integer), 5u);
  EXPECT_EQ(count<snn::ConvOp>(*integer), 3u);
  // The output layer lags one step a layer.
  for (snn::OutputOp output : integer->getBody().getOps<snn::OutputOp>())
    EXPECT_EQ(output->getAttrOfType<IntegerAttr>("lag").getInt(), 5);
}

TEST_F(Import, BrailleBecomesIntegers) {
  NEED_DATA();
  auto imported = import("03_rnn/braille_noDelay_bias_zero.nir");
  ASSERT_TRUE(bool(imported)) << takeText(imported.takeError());
  std::vector<std::string> remarks;
  auto integer = transform::quantizeToLoihi(imported->network, {}, remarks);
  ASSERT_TRUE(bool(integer)) << takeText(integer.takeError());
  ASSERT_TRUE(succeeded(verify(*integer)));
  if (std::getenv("HILLOCK_DUMP"))
    integer->dump();
}

TEST_F(Import, SubtractionIsRefusedWithARemedy) {
  NEED_DATA();
  frontend::Options options;
  options.reset = "subtract";
  auto imported = import("03_rnn/braille_noDelay_bias_zero.nir", options);
  ASSERT_TRUE(bool(imported)) << takeText(imported.takeError());
  std::vector<std::string> remarks;
  auto integer = transform::quantizeToLoihi(imported->network, {}, remarks);
  ASSERT_FALSE(bool(integer));
  std::string text = takeText(integer.takeError());
  EXPECT_NE(text.find("reset by subtraction"), std::string::npos) << text;
  EXPECT_NE(text.find("--reset value"), std::string::npos) << text;
}
