//===- tests/unit/emulator/learning/LearningReplayTest.cpp ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine against reference.py, an independent program of the same
// equations; and, when the data folder has them, against Lava's recordings.
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Replay.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::runtime;

namespace {

using JsonObject = llvm::json::Object;

std::string fixture() {
  auto buffer = llvm::MemoryBuffer::getFile(HILLOCK_LEARNING_FIXTURE);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

ReplayResult replayOk(const std::string &text, ReplayOptions options = {}) {
  auto result = replayText(text, "text", options);
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return {};
  }
  return *result;
}

/// The fixture with every case passed through \p change.
std::string changed(const std::function<void(JsonObject &)> &change) {
  auto parsed = llvm::json::parse(fixture());
  if (!parsed) {
    ADD_FAILURE() << takeText(parsed.takeError());
    return {};
  }
  for (llvm::json::Value &entry : *parsed->getAsObject()->getArray("cases"))
    change(*entry.getAsObject());
  std::string text;
  llvm::raw_string_ostream(text) << *parsed;
  return text;
}

TEST(LearningReplay, EqualsTheReference) {
  ReplayResult result = replayOk(fixture());
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.dialect, Dialect::Lava);
  EXPECT_EQ(result.cases, 8u);
  EXPECT_EQ(result.fields, 8u * 10);
  // 2 x traces and tx of 3 sources, 3 y traces and ty of 2 targets, 30 steps;
  // 18 synaptic values an epoch. Epochs of 4, 2, 3, 2, 5, 3, 3, 3 steps.
  EXPECT_EQ(result.values,
            8u * 30 * (3 * 3 + 4 * 2) + 18u * (7 + 15 + 10 + 15 + 6 + 3 * 10));
}

TEST(LearningReplay, StringsAloneAreEnough) {
  ReplayResult result = replayOk(
      changed([](JsonObject &entry) { entry.erase("product_series"); }));
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.cases, 8u);
}

TEST(LearningReplay, ProductsAloneAreEnough) {
  ReplayResult result = replayOk(changed([](JsonObject &entry) {
    for (const char *sum : {"dw", "dd", "dt"})
      entry.getObject("rule")->erase(sum);
  }));
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.cases, 8u);
}

/// A list of products that say their target, factors as lists, traces by
/// neuron, modes as words, nested impulses: all the same to the reader.
TEST(LearningReplay, OtherShapesAreRead) {
  ReplayResult result = replayOk(changed([](JsonObject &entry) {
    llvm::json::Array products;
    for (const char *sum : {"dw", "dd", "dt"})
      if (llvm::json::Array *list =
              entry.getObject("product_series")->getArray(sum))
        for (llvm::json::Value &value : *list) {
          JsonObject product = *value.getAsObject();
          product["target"] = sum;
          product["s_mantissa"] = *product.getInteger("mantissa");
          product.erase("mantissa");
          products.push_back(std::move(product));
        }
    entry["product_series"] = std::move(products);
    JsonObject &rule = *entry.getObject("rule");
    JsonObject impulses;
    for (const char *trace : {"x1", "x2", "y1", "y2", "y3"})
      if (auto value = rule.getNumber(std::string(trace) + "_impulse")) {
        impulses[trace] = *value;
        rule.erase(std::string(trace) + "_impulse");
      }
    rule["impulses"] = std::move(impulses);
    static const char *signs[] = {"", "SignMode.MIXED", "excitatory",
                                  "INHIBITORY"};
    entry["sign_mode"] = signs[*entry.getInteger("sign_mode")];
    llvm::json::Array byNeuron(
        {llvm::json::Array(), llvm::json::Array(), llvm::json::Array()});
    for (llvm::json::Value &step : *entry.getObject("trace")->getArray("x1"))
      for (size_t n = 0; n < 3; ++n)
        byNeuron[n].getAsArray()->push_back((*step.getAsArray())[n]);
    (*entry.getObject("trace"))["x1"] = std::move(byNeuron);
  }));
  EXPECT_TRUE(result.matches()) << describe(result);
  EXPECT_EQ(result.cases, 8u);
}

/// Every kind of expected value, moved by one, is noticed where it was moved.
TEST(LearningReplay, CorruptedValuesAreNoticed) {
  for (std::string field : {"x1", "x2", "y1", "y2", "y3", "tx", "ty"}) {
    int64_t right = 0;
    std::string text = changed([&](JsonObject &entry) {
      if (*entry.getString("name") != "all_targets")
        return;
      llvm::json::Value &value =
          (*(*entry.getObject("trace")->getArray(field))[16].getAsArray())[1];
      right = *value.getAsInteger();
      value = right + 1;
    });
    ReplayResult result = replayOk(text);
    ASSERT_EQ(result.differences.size(), 1u) << field << describe(result);
    const ReplayDifference &d = result.differences[0];
    EXPECT_EQ(d.caseName, "all_targets");
    EXPECT_EQ(d.field, field + "[1]");
    EXPECT_EQ(d.step, 17u);
    EXPECT_EQ(d.expected, right + 1);
    EXPECT_EQ(d.got, right);
  }
  for (std::string field : {"weights", "tag_1", "tag_2"}) {
    std::string text = changed([&](JsonObject &entry) {
      JsonObject &epoch =
          *(*entry.getObject("trace")->getArray("epochs"))[2].getAsObject();
      llvm::json::Value &value = (*(*epoch.getArray(field))[1].getAsArray())[2];
      value = *value.getAsInteger() - 1;
    });
    ReplayResult result = replayOk(text);
    ASSERT_EQ(result.differences.size(), 8u) << field << describe(result);
    EXPECT_EQ(result.differences[0].field, field + "[1][2]");
    EXPECT_EQ(result.differences[0].step, 12u);
  }
}

/// Wrong causes show up in their effects.
TEST(LearningReplay, CorruptedInputsAreNoticed) {
  ReplayResult result = replayOk(changed([](JsonObject &entry) {
    llvm::json::Array &w0 = *entry.getArray("w0");
    llvm::json::Value &value = (*w0[0].getAsArray())[0];
    // A step of 50 stays in range and survives no clipping of the weight.
    int64_t old = *value.getAsInteger();
    value = old > 0 ? old - 50 : old + 50;
  }));
  EXPECT_GE(result.differences.size(), 6u) << describe(result);
  // Every list of random numbers matters to some case.
  for (const char *key :
       {"x_imp", "x_dec", "y_imp_mid", "y_imp", "y_dec", "conn"}) {
    result = replayOk(changed([&](JsonObject &entry) {
      for (llvm::json::Value &number :
           *entry.getObject("randoms")->getArray(key))
        number = 0;
    }));
    EXPECT_FALSE(result.differences.empty()) << key;
    EXPECT_TRUE(result.skipped.empty()) << key;
  }
}

/// The recording's products against our reading of its string.
TEST(LearningReplay, OtherProductsThanTheStringAreNoticed) {
  ReplayResult result = replayOk(changed([](JsonObject &entry) {
    if (*entry.getString("name") == "stdp")
      (*entry.getObject("rule"))["dw"] = "2^-2*x1*y0 - 2^-3*x0*y1";
  }));
  ASSERT_EQ(result.differences.size(), 1u) << describe(result);
  EXPECT_EQ(result.differences[0].field, "rule dw exponent of product");
  EXPECT_EQ(result.differences[0].step, 2u);
  EXPECT_EQ(result.differences[0].expected, -2);
  EXPECT_EQ(result.differences[0].got, -3);
}

TEST(LearningReplay, WhatIsNotUnderstoodIsNamed) {
  auto reason = [](const std::function<void(JsonObject &)> &change) {
    ReplayResult result = replayOk(changed(change));
    EXPECT_EQ(result.skipped.size(), 8u);
    EXPECT_FALSE(result.matches());
    return result.skipped.empty() ? std::string() : result.skipped[0];
  };
  for (const char *key : {"w0", "pre", "post", "randoms", "trace"})
    EXPECT_NE(reason([&](JsonObject &entry) { entry.erase(key); }).find(key),
              std::string::npos);
  EXPECT_NE(reason([](JsonObject &entry) {
              entry.getObject("randoms")->getArray("x_dec")->pop_back();
            }).find("x_dec"),
            std::string::npos);
  EXPECT_NE(reason([](JsonObject &entry) {
              (*entry.getObject("trace"))["z1"] = llvm::json::Array();
            }).find("z1"),
            std::string::npos);
  EXPECT_NE(reason([](JsonObject &entry) {
              entry.getObject("rule")->erase("t_epoch");
            }).find("t_epoch"),
            std::string::npos);
  EXPECT_NE(reason([](JsonObject &entry) {
              entry["sign_mode"] = "both";
            }).find("sign_mode"),
            std::string::npos);
  std::string both = reason([](JsonObject &entry) {
    entry["product_series"] = llvm::json::Array({"x"});
    entry["rule"] = JsonObject{{"t_epoch", 2}, {"dw", "x1 *"}};
  });
  EXPECT_NE(both.find("product_series"), std::string::npos) << both;
  EXPECT_NE(both.find("column 5"), std::string::npos) << both;
}

TEST(LearningReplay, OtherDialectsHaveNoLearning) {
  ReplayOptions options;
  options.dialect = Dialect::Nengo;
  ReplayResult result = replayOk(fixture(), options);
  EXPECT_EQ(result.skipped.size(), 8u);
  EXPECT_EQ(result.cases, 0u);
}

TEST(LearningReplay, RecordedFromLava) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  std::string path =
      std::string(folder) + "/loihi/loihi_golden_lava_learning.json";
  if (!llvm::sys::fs::exists(path))
    GTEST_SKIP() << "the data folder has no loihi_golden_lava_learning.json";
  auto result = replayFile(path);
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_TRUE(result->matches()) << describe(*result);
  EXPECT_GE(result->cases, 13u);
}

} // namespace
