//===- tests/unit/backends/image/TablesTest.cpp - Tables, IR, image -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/Tables.h"
#include "backends/image/Emit.h"
#include "base/Describe.h"
#include "compiler/programs/Programs.h"
#include "dialects/neurocore/Capacity.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Verifier.h"
#include "tests/unit/backends/image/Support.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::test;
using image::CoreTables;
using testing::AllOf;
using testing::HasSubstr;

namespace {

/// Everything that tables can hold: several formats, delays, population axons,
/// shared rows, fields, initial states.
CoreTables richCore(uint32_t core) {
  CoreTables t = simpleCore(core, 200, 40, 90, 8);
  t.compartmentProfiles.push_back({{"decay_v", 128}, {"refract_delay", 3}});
  t.thresholdProfiles.push_back({{"vth", 131071}});
  for (uint32_t c = 0; c < t.compartments; ++c) {
    t.profileOf[c] = c % 2;
    t.thresholdOf[c] = c > 100;
  }
  std::vector<int32_t> bias, voltage;
  for (uint32_t c = 0; c < t.compartments; ++c) {
    bias.push_back(static_cast<int32_t>(c) - 100);
    voltage.push_back(-8388608 + static_cast<int32_t>(c));
  }
  t.compartmentFields = {{"bias_mant", bias},
                         {"bias_exp", std::vector<int32_t>(200, 7)}};
  t.initialState = {{"v", voltage}};
  t.config = {{"delay_bits", 4}, {"ds_offset", 1}, {"neg_vm_limit", 23}};
  image::SynapseFormat dense;
  dense.weightBits = 4;
  dense.weightExp = -2;
  dense.sign = image::SignMode::Inhibitory;
  dense.compression = image::Compression::Dense;
  dense.delayBits = 4;
  t.formats.push_back(dense);
  t.rows.delay.assign(t.rows.synapses(), 0);
  for (int row = 0; row < 2; ++row) {
    for (uint16_t s = 0; s < 70; ++s) {
      t.rows.target.push_back(s);
      t.rows.mantissa.push_back(static_cast<int16_t>(-16 * (s % 16)));
      t.rows.delay.push_back(static_cast<uint8_t>(s % 15));
    }
    t.rows.first.push_back(static_cast<uint32_t>(t.rows.target.size()));
    t.rows.format.push_back(1);
  }
  t.axonsIn.push_back({image::AxonType::Pop16, 40, 2, 128});
  t.axonsIn.push_back({image::AxonType::Discrete, 41, 1, 7});
  for (uint32_t c = 0; c < t.compartments; ++c) {
    if (c % 3 == 0)
      t.axonsOut.push_back({image::AxonType::Discrete, 0, core,
                            static_cast<uint16_t>(c % 40), 0});
    if (c % 7 == 0)
      t.axonsOut.push_back({image::AxonType::Pop16, 0, core, 40, 1});
    t.outFirst[c + 1] = static_cast<uint32_t>(t.axonsOut.size());
  }
  return t;
}

TEST(CoreTables, SurviveTheWayThroughIR) {
  auto context = makeContext();
  const CoreTables tables = richCore(17);
  auto module = systemOf({tables}, *context);
  EXPECT_EQ(diagnosticsOf(*module), "");
  EXPECT_EQ(neurocore::coreTables(systemIn(*module).cores()[0]), tables);
}

TEST(CoreTables, SurviveText) {
  auto context = makeContext();
  const CoreTables tables = richCore(17);
  std::string text;
  llvm::raw_string_ostream os(text);
  systemOf({tables}, *context)->print(os);
  auto other = makeContext();
  auto module = parse(text, *other);
  ASSERT_TRUE(module);
  EXPECT_EQ(neurocore::coreTables(systemIn(*module).cores()[0]), tables);
}

TEST(CoreTables, SurviveBytecode) {
  auto context = makeContext();
  const CoreTables tables = richCore(17);
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  ASSERT_TRUE(mlir::succeeded(
      mlir::writeBytecodeToFile(*systemOf({tables}, *context), os)));
  auto other = makeContext();
  auto module = parse(bytes, *other);
  ASSERT_TRUE(module);
  EXPECT_EQ(neurocore::coreTables(systemIn(*module).cores()[0]), tables);
}

TEST(CoreTables, AnEmptyCoreIsACore) {
  auto context = makeContext();
  CoreTables tables;
  tables.core = 3;
  auto module = systemOf({tables}, *context);
  EXPECT_EQ(diagnosticsOf(*module), "");
  EXPECT_EQ(neurocore::coreTables(systemIn(*module).cores()[0]), tables);
}

TEST(EmitImage, WordsUnpackToTheTables) {
  auto context = makeContext();
  std::vector<CoreTables> cores = {richCore(3), richCore(90)};
  auto module = systemOf(cores, *context);
  auto image = backends::emitImage(systemIn(*module), programs::libraryProgram);
  ASSERT_TRUE(bool(image)) << takeText(image.takeError());
  auto loaded = image::load(*image, "test");
  ASSERT_TRUE(bool(loaded)) << takeText(loaded.takeError());
  ASSERT_EQ(loaded->cores.size(), 2u);
  for (size_t k = 0; k < 2; ++k) {
    EXPECT_EQ(loaded->cores[k].rows, cores[k].rows);
    EXPECT_EQ(loaded->cores[k].axonsIn, cores[k].axonsIn);
    EXPECT_EQ(loaded->cores[k].axonsOut, cores[k].axonsOut);
    EXPECT_EQ(loaded->cores[k].initialState.at("v"),
              cores[k].initialState.at("v"));
  }
  EXPECT_EQ(loaded->proto.debug().population(1).name(), "layer1");
  EXPECT_EQ(loaded->proto.debug().population(1).core(0), 1u);

  // And back: the system of an image gives the image again.
  auto again = backends::fromImage(context.get(), *loaded);
  ASSERT_TRUE(bool(again)) << takeText(again.takeError());
  EXPECT_EQ(diagnosticsOf(**again), "");
  auto second =
      backends::emitImage(systemIn(**again), programs::libraryProgram);
  ASSERT_TRUE(bool(second)) << takeText(second.takeError());
  EXPECT_EQ(image::serialize(*second), image::serialize(*image));
}

TEST(EmitImage, AnUnknownProgramIsAnError) {
  auto context = makeContext();
  auto module = systemOf({simpleCore(0, 1, 0, 0, 8)}, *context);
  auto image = backends::emitImage(
      systemIn(*module), [](llvm::StringRef name) -> Expected<image::Program> {
        return inputError("there is no program '" + name.str() + "'");
      });
  ASSERT_FALSE(bool(image));
  EXPECT_EQ(takeText(image.takeError()),
            "there is no program 'loihi1_compartment'");
}

TEST(EmitImage, AParameterWithoutAFieldIsAnError) {
  auto context = makeContext();
  auto module = systemOf({simpleCore(0, 1, 0, 0, 8)}, *context);
  auto image = backends::emitImage(
      systemIn(*module), [](llvm::StringRef name) -> Expected<image::Program> {
        image::Program program;
        program.name = name.str();
        program.params = {"decay_w"};
        return program;
      });
  ASSERT_FALSE(bool(image));
  EXPECT_THAT(takeText(image.takeError()),
              AllOf(HasSubstr("reads parameter 'decay_w', which no memory of "
                              "target 'loihi' has a field for"),
                    HasSubstr("did you mean 'decay_")));
}

//===----------------------------------------------------------------------===//
// Capacity. A Loihi core has 16,384 words of 64 bits for synapses (Davies et
// al., 2018); a sparse row of 64 entries of 8-bit weight and 10-bit index takes
// a header of 10 bits and 64 * 18 bits, rounded up to 19 words = 1,216 bits
// (nengo-loihi block.py, bits_per_axon).
//===----------------------------------------------------------------------===//

TEST(Capacity, SynapsesThatDoNotFit) {
  auto context = makeContext();
  // 900 rows of 64 synapses: 1,094,400 bits, 45,824 more than 1,048,576. With 6
  // bits a row takes 10 + 64 * 16 bits, 17 words: 979,200 bits.
  auto module = systemOf({simpleCore(5, 64, 900, 64, 8)}, *context);
  EXPECT_EQ(diagnosticsOf(*module),
            "'neurocore.core' op core 5 of chip 0, which holds 'layer0': "
            "memory 'synapse' takes 1,094,400 bits, 45,824 more than the "
            "1,048,576 that there are; put about 61 instead of 64 compartments "
            "on this core, or weights of 6 bits instead of 8\n");
}

TEST(Capacity, ThatNearlyFits) {
  auto context = makeContext();
  // 862 rows: 16,378 words.
  auto module = systemOf({simpleCore(5, 64, 862, 64, 8)}, *context);
  EXPECT_EQ(diagnosticsOf(*module), "");
}

TEST(Capacity, CompartmentsAndAccumulators) {
  auto context = makeContext();
  auto module = systemOf({simpleCore(5, 1025, 0, 0, 8)}, *context);
  EXPECT_THAT(
      diagnosticsOf(*module),
      AllOf(HasSubstr("memory 'compartment' takes 1,025 compartments, 1 more "
                      "than the 1,024 that there are"),
            HasSubstr("memory 'accumulators' takes 8,200 words, 8 more than "
                      "the 8,192 that there are"),
            HasSubstr("put about 1,024 instead of 1,025 compartments")));
}

TEST(Capacity, AxonsProfilesAndFormats) {
  auto context = makeContext();
  CoreTables t = simpleCore(5, 8, 4097, 1, 8);
  t.compartmentProfiles.resize(33, t.compartmentProfiles[0]);
  t.thresholdProfiles.resize(9, t.thresholdProfiles[0]);
  t.formats.resize(9, t.formats[0]);
  t.axonsOut.resize(4100, {image::AxonType::Discrete, 0, 5, 0, 0});
  t.outFirst.back() = 4100;
  auto module = systemOf({t}, *context);
  EXPECT_THAT(
      diagnosticsOf(*module),
      AllOf(HasSubstr("'compartment_profile' takes 33 profiles, 1 more"),
            HasSubstr("'threshold_profile' takes 9 thresholds, 1 more"),
            // Format 0 is reserved by the chip.
            HasSubstr("'synapse_format' takes 9 formats, 2 more than the 7"),
            HasSubstr("'axon_in' takes 4,097 input axons, 1 more"),
            HasSubstr("'axon_out' takes 4,100 output slots, 4 more")));
}

TEST(Capacity, HasTheKindThatAProgramExitsWith) {
  auto target = target::findTarget("loihi");
  ASSERT_TRUE(bool(target));
  ErrorKind kind;
  takeText(neurocore::checkCore(simpleCore(5, 1025, 0, 0, 8), *target, {"a"}),
           &kind);
  EXPECT_EQ(kind, ErrorKind::Capacity);
}

TEST(Capacity, AFieldThatIsTooNarrowNamesTheLayers) {
  auto context = makeContext();
  CoreTables t = simpleCore(5, 8, 1, 1, 8);
  t.thresholdProfiles[0]["vth"] = 131072;
  auto module = systemOf({t}, *context);
  EXPECT_THAT(diagnosticsOf(*module),
              AllOf(HasSubstr("core 5 of chip 0, which holds 'layer0', memory "
                              "'threshold_profile', word 0: value 131072"),
                    HasSubstr("17 bits")));
}

} // namespace
