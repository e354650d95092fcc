//===- tests/fuzz/image_fuzz.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images from strangers. The first byte chooses the way in: a whole file; the
// payload behind a hash that is right; one core's words for the Loihi target.
// Whatever a core unpacks to must pack to the same words again.
//
//===----------------------------------------------------------------------===//
#include "image/ImageFile.h"
#include "image/Pack.h"
#include "image/ProgramVm.h"
#include <cstdlib>

using namespace hillock;

namespace {

const target::TargetModel &loihi() {
  static const target::TargetModel model =
      llvm::cantFail(target::findTarget("loihi"));
  return model;
}

/// Runs each program once: what load() lets through must not read or write
/// beside its registers.
void runPrograms(const image::LoadedImage &loaded) {
  for (const image::Program &program : loaded.programs) {
    const std::vector<int32_t> params(program.params.size(), -3);
    std::vector<int32_t> state(program.states.size(), 5);
    const std::vector<int32_t> inputs(program.ports, 7);
    bool fired = false;
    int32_t payload = 0;
    image::runScalar(program, params, state, inputs, 1, fired, payload);
    image::print(program);
  }
}

void loadOrRefuse(proto::Image proto) {
  Expected<image::LoadedImage> loaded =
      image::load(std::move(proto), "fuzz.hlk");
  if (!loaded) {
    takeText(loaded.takeError());
    return;
  }
  runPrograms(*loaded);
}

void unpackAndBack(const proto::Core &core) {
  Expected<image::CoreTables> tables = image::unpack(core, loihi());
  if (!tables) {
    takeText(tables.takeError());
    return;
  }
  Expected<proto::Core> again = image::pack(*tables, loihi());
  if (!again)
    std::abort();
  // Unknown fields of the message are no words.
  proto::Core known = core;
  known.DiscardUnknownFields();
  for (proto::MemoryWords &memory : *known.mutable_memory())
    memory.DiscardUnknownFields();
  if (again->memory_size() != known.memory_size())
    std::abort();
  for (int m = 0; m < known.memory_size(); ++m)
    if (again->memory(m).data() != known.memory(m).data())
      std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  const std::string_view rest(reinterpret_cast<const char *>(data) + 1,
                              size - 1);
  const int length = static_cast<int>(rest.size());
  switch (data[0] % 4) {
  case 0:
    if (Expected<proto::Image> image = image::parseImage(rest, "fuzz.hlk"))
      loadOrRefuse(std::move(*image));
    else
      takeText(image.takeError());
    break;
  case 1:
  case 2: {
    proto::Image image;
    if (!image.ParseFromArray(rest.data(), length))
      return 0;
    image.set_format(image::imageFormat);
    if (data[0] % 4 == 2)
      *image.mutable_target() = loihi().proto();
    loadOrRefuse(std::move(image));
    break;
  }
  default: {
    proto::Core core;
    if (core.ParseFromArray(rest.data(), length))
      unpackAndBack(core);
  }
  }
  return 0;
}
