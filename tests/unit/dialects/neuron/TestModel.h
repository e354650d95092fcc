//===- tests/unit/dialects/neuron/TestModel.h -------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_DIALECTS_NEURON_TESTMODEL_H
#define HILLOCK_TESTS_UNIT_DIALECTS_NEURON_TESTMODEL_H

#include "dialects/neuron/Library.h"
#include "dialects/neuron/ModelRun.h"
#include "mlir/IR/MLIRContext.h"
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hillock::neuron::test {

/// One compartment of a library model. All parameters must be given.
class TestModel {
public:
  TestModel(llvm::StringRef name,
            std::vector<std::pair<std::string, int64_t>> parameters)
      : model(library::parse(&context, name)), run(model.get()),
        params(run.paramNames().size()), state(run.stateNames().size()) {
    EXPECT_EQ(parameters.size(), params.size());
    for (const auto &[id, value] : parameters)
      set(id, value);
  }

  void set(const std::string &id, int64_t value) {
    const int index = run.paramIndex(id);
    ASSERT_GE(index, 0) << "no parameter " << id;
    for (ParamOp param : model->getBody()->getOps<ParamOp>())
      if (param.getId() == id) {
        EXPECT_GE(value, static_cast<int64_t>(param.getLow())) << id;
        EXPECT_LE(value, static_cast<int64_t>(param.getHigh())) << id;
      }
    params[static_cast<size_t>(index)] = static_cast<int32_t>(value);
  }

  void step(llvm::ArrayRef<int32_t> inputs) {
    run.step(inputs, params, state, fired, payload);
  }

  int32_t get(llvm::StringRef id) const {
    return state[static_cast<size_t>(run.stateIndex(id))];
  }

  bool fired = false;
  int32_t payload = 0;

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<ModelOp> model;
  ModelRun run;
  std::vector<int32_t> params, state;
};

/// A file below the data folder; nothing when the folder is not given.
inline std::optional<std::string> dataFile(const std::string &path) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder || !*folder)
    return std::nullopt;
  return std::string(folder) + "/" + path;
}

inline nlohmann::json readJson(const std::string &path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  return nlohmann::json::parse(in);
}

/// The number under a key, or a default.
inline int64_t number(const nlohmann::json &object, const char *key,
                      int64_t otherwise = 0) {
  return object.contains(key) ? object.at(key).get<int64_t>() : otherwise;
}

/// sgn(x f) * ((|x| * |f|) >> 12), written without the code under test.
inline int64_t towardZero(int64_t x, int64_t f) { return x * f / 4096; }

} // namespace hillock::neuron::test

#endif // HILLOCK_TESTS_UNIT_DIALECTS_NEURON_TESTMODEL_H
