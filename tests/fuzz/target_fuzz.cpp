//===- tests/fuzz/target_fuzz.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target descriptions from strangers: parsed or refused with a message, and
// what is accepted can be asked everything.
//
//===----------------------------------------------------------------------===//
#include "target/TargetModel.h"
#include <cstdlib>

using namespace hillock;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  Expected<target::TargetModel> model =
      target::parseTarget(text, "fuzz.textproto");
  if (!model) {
    ErrorKind kind = ErrorKind::Internal;
    const std::string message = takeText(model.takeError(), &kind);
    if (kind != ErrorKind::Input || message.empty())
      std::abort();
    return 0;
  }
  target::explain(*model);
  target::letterMap(*model);
  model->place(model->maxChips() - 1, model->coresPerChip() - 1);
  for (uint32_t value : {0u, 1u, 1024u, 65535u, ~0u}) {
    model->maxDelay(value);
    model->delayBitsFor(value, 1);
    model->indexBitsFor(value);
    model->weightCode(value);
  }
  model->hash();
  return 0;
}
