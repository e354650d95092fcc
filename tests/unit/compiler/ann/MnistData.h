//===- tests/unit/compiler/ann/MnistData.h - Images as vectors --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_COMPILER_ANN_MNISTDATA_H
#define HILLOCK_TESTS_UNIT_COMPILER_ANN_MNISTDATA_H

#include "runtime/stream/ReadData.h"
#include <cstdlib>
#include <gtest/gtest.h>

namespace hillock::ann {

/// $HILLOCK_DATA/path; empty when the variable is not set.
inline std::string dataPath(const std::string &path) {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/" + path : std::string();
}

struct LabelledImages {
  std::vector<std::vector<float>> images; ///< 784 values of 0..255
  std::vector<int64_t> labels;
};

/// \p part: "t10k" or "train".
inline LabelledImages readMnist(const std::string &part, int64_t count,
                                int64_t first = 0) {
  runtime::ReadOptions options;
  options.inputShape = {28, 28};
  options.encode.emplace();
  options.encode->encoding = runtime::Encoding::None;
  options.encode->steps = 1;
  options.steps = 1;
  options.firstSample = first;
  options.maxSamples = count;
  auto data = runtime::readData(
      dataPath("mnist/" + part + "-images-idx3-ubyte.gz"), options);
  LabelledImages result;
  if (!data) {
    ADD_FAILURE() << takeText(data.takeError());
    return result;
  }
  for (const runtime::Stimulus &sample : data->samples)
    result.images.push_back(sample.toDense());
  result.labels = std::move(data->labels);
  return result;
}

} // namespace hillock::ann

#endif // HILLOCK_TESTS_UNIT_COMPILER_ANN_MNISTDATA_H
