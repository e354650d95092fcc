//===- tests/unit/backends/odin/ImageTest.cpp - Words, fields, files ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/OdinImage.h"
#include "target/TargetModel.h"
#include <gtest/gtest.h>
#include <random>

using namespace hillock;
using odin::Chip;

namespace {

TEST(OdinConfig, FieldsKeepTheirBits) {
  std::mt19937_64 random(3);
  for (auto kind : {odin::NeuronKind::Tiny, odin::NeuronKind::Lif,
                    odin::NeuronKind::Izhikevich})
    for (const odin::Field &field : odin::neuronFields(kind)) {
      const odin::Word128 before{random(), random()};
      odin::Word128 word = before;
      const int low = field.isSigned ? -(1 << (field.bits - 1)) : 0;
      const int value =
          low + static_cast<int>(random() % (uint64_t(1) << field.bits));
      odin::setField(word, field, value);
      EXPECT_EQ(odin::getField(word, field), value) << field.name;
      // All other bits are as before.
      odin::setField(word, field, odin::getField(before, field));
      EXPECT_EQ(word, before) << field.name;
    }
}

TEST(OdinConfig, ParametersComeBack) {
  const odin::TinyParams tiny{-2048, 2047, 127, true};
  EXPECT_EQ(odin::decodeTiny(odin::encode(tiny)), tiny);
  // core -1, threshold 10, leak 2: 0x0200A FFF.
  EXPECT_EQ(odin::encode(odin::TinyParams{-1, 10, 2, false}).lo, 0x0200AFFFu);
  odin::LifParams lif;
  lif.potential = 200;
  lif.threshold = 255;
  lif.leak = 127;
  lif.leakEnabled = lif.calciumEnabled = true;
  lif.thetaMem = 130;
  lif.theta1 = 1, lif.theta2 = 2, lif.theta3 = 7;
  lif.calciumLeak = 31, lif.calcium = 5, lif.calciumLeakCount = 17;
  EXPECT_EQ(odin::decodeLif(odin::encode(lif)), lif);
}

TEST(OdinConfig, CodesOfEventsAreThoseOfTheDocumentation) {
  using Kind = odin::HostEvent::Kind;
  EXPECT_EQ(odin::aerCode(Chip::Tiny, {Kind::Neuron, 0xA5, 0}), 0x0A5u);
  EXPECT_EQ(odin::aerCode(Chip::Tiny, {Kind::Virtual, 3, -8}), 0x283u);
  EXPECT_EQ(odin::aerLeakAll(Chip::Tiny), 0x1FFu);
  EXPECT_EQ(odin::aerCode(Chip::Odin, {Kind::Neuron, 0xA5, 0}), 0xA507u);
  // {neuron, weight, inhibitory, no leak, 001}.
  EXPECT_EQ(odin::aerCode(Chip::Odin, {Kind::Virtual, 0x12, -5}), 0x12B1u);
  EXPECT_EQ(odin::aerCode(Chip::Odin, {Kind::Virtual, 0x12, 7}), 0x12E1u);
  EXPECT_EQ(odin::aerLeakAll(Chip::Odin), 0x7Fu);
}

TEST(OdinConfig, RegistersAreWhatTheChipTakes) {
  std::mt19937_64 random(5);
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    odin::Registers registers;
    std::vector<uint32_t> values;
    for (unsigned a = 0; a < odin::registerCount(chip); ++a) {
      values.push_back(static_cast<uint32_t>(
          random() % (uint64_t(1) << odin::registerBits(chip, a))));
      registers.write(chip, a, values.back());
    }
    for (unsigned a = 0; a < odin::registerCount(chip); ++a)
      EXPECT_EQ(odin::registerValue(chip, registers, a), values[a])
          << odin::registerName(chip, a);
  }
}

odin::ChipConfig randomConfig(Chip chip) {
  std::mt19937_64 random(7);
  odin::ChipConfig config(chip);
  for (odin::Word128 &word : config.neurons)
    word = {chip == Chip::Tiny ? random() & 0xFFFFFFFF : random(),
            chip == Chip::Tiny ? 0 : random()};
  for (uint32_t &word : config.synapses)
    word = static_cast<uint32_t>(random());
  for (unsigned a = 0; a < odin::registerCount(chip); ++a)
    config.registers.write(
        chip, a,
        static_cast<uint32_t>(random() %
                              (uint64_t(1) << odin::registerBits(chip, a))));
  using Kind = odin::HostEvent::Kind;
  config.io.inputs = {{"x",
                       {2},
                       {0, 1, 3},
                       {{Kind::Neuron, 200, 0},
                        {Kind::Virtual, 3, -7},
                        {Kind::Virtual, 15, 7}}}};
  config.io.outputs = {{"y", {1, 2}, {4, 9}}};
  config.io.everyStep = {{Kind::Neuron, 201, 0}};
  config.io.leak = true;
  config.io.stepSeconds = 1e-3;
  config.io.clearReferences = 17;
  return config;
}

proto::Image imageOf(const odin::ChipConfig &config) {
  proto::Image image;
  *image.mutable_target() =
      llvm::cantFail(target::findTarget(odin::chipName(config.chip).str()))
          .proto();
  odin::toImage(config, *image.mutable_crossbar());
  return image;
}

TEST(OdinImage, HoldsTheWholeChip) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    const odin::ChipConfig config = randomConfig(chip);
    auto read = odin::fromImage(imageOf(config), "test");
    ASSERT_TRUE(bool(read)) << takeText(read.takeError());
    EXPECT_EQ(read->neurons, config.neurons);
    EXPECT_EQ(read->synapses, config.synapses);
    EXPECT_EQ(read->io, config.io);
    for (unsigned a = 0; a < odin::registerCount(chip); ++a)
      EXPECT_EQ(odin::registerValue(chip, read->registers, a),
                odin::registerValue(chip, config.registers, a));
  }
}

TEST(OdinImage, DamageIsFound) {
  const auto broken = [](void (*damage)(proto::CrossbarImage &),
                         const char *message) {
    proto::Image image = imageOf(randomConfig(Chip::Tiny));
    damage(*image.mutable_crossbar());
    auto read = odin::fromImage(image, "test");
    ASSERT_FALSE(bool(read)) << message;
    const std::string text = takeText(read.takeError());
    EXPECT_NE(text.find(message), std::string::npos) << text;
  };
  using Section = proto::CrossbarImage;
  broken([](Section &s) { s.mutable_memory(0)->mutable_data()->pop_back(); },
         "NEURON: the memory has 1,023 bytes, expected 1,024");
  broken([](Section &s) { s.mutable_memory()->RemoveLast(); },
         "CROSSBAR: the memory is missing");
  broken([](Section &s) { s.set_register_(3, 256); }, "is too large");
  broken([](Section &s) { s.mutable_register_()->RemoveLast(); },
         "there are 3 registers, expected 4");
  broken([](Section &s) { s.mutable_input(0)->set_address(1, 16); },
         "an event with address 16 and weight -7");
  broken([](Section &s) { s.mutable_input(0)->set_first(1, 9); },
         "its lists do not agree with its shape");
  broken([](Section &s) { s.mutable_input(0)->mutable_first()->Clear(); },
         "its lists do not agree with its shape");
  broken([](Section &s) { s.mutable_output(0)->set_address(0, 256); },
         "its addresses do not agree");
  broken([](Section &s) { s.mutable_output(0)->set_shape(0, 1u << 31); },
         "its addresses do not agree");
}

} // namespace
