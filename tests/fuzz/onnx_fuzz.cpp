//===- tests/fuzz/onnx_fuzz.cpp - ONNX files of any content ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever the bytes are, reading ends with a network that passes its checks,
// or an error; a small network can be run and calibrated.
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Calibrate.h"
#include "compiler/ann/RealEval.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include <cstdlib>

using namespace hillock;

static void run(const ann::Network &net) {
  const auto elements = static_cast<size_t>(
      net.values[static_cast<size_t>(net.input)].elements());
  std::vector<float> x(elements);
  for (size_t i = 0; i < elements; ++i)
    x[i] = static_cast<float>(i % 7) - 3;
  ann::RealRunner(net).run(x);
  ann::CalibrationOptions options;
  options.threads = 1;
  options.learnRounding = false;
  auto result = ann::calibrate(ann::withoutDecision(net), {x, x}, options, "");
  if (!result)
    return llvm::consumeError(result.takeError());
  ann::IntRunner(result->network).run(x);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  auto model = hillock::onnx::parseModel(bytes, "fuzz.onnx");
  if (!model) {
    llvm::consumeError(model.takeError());
    return 0;
  }
  auto net = hillock::onnx::importNetwork(*model, "fuzz.onnx");
  if (!net) {
    llvm::consumeError(net.takeError());
    return 0;
  }
  if (Error error = ann::check(*net, "fuzz.onnx"))
    std::abort();
  uint64_t work = ann::macs(*net);
  for (const ann::Value &value : net->values)
    work += static_cast<uint64_t>(value.elements());
  for (const ann::Layer &layer : net->layers)
    work += layer.weights.size() * 64 +
            static_cast<uint64_t>(net->out(layer).elements()) *
                static_cast<uint64_t>(
                    std::min<int64_t>(layer.window.kernel[0], 1 << 20) *
                    std::min<int64_t>(layer.window.kernel[1], 1 << 20));
  if (work < 200000)
    run(*net);
  return 0;
}
