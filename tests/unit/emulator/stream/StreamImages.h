//===- tests/unit/emulator/stream/StreamImages.h ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emulators of an image file, streamed and whole.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_STREAM_STREAMIMAGES_H
#define HILLOCK_TESTS_UNIT_EMULATOR_STREAM_STREAMIMAGES_H

#include "emulator/jit/Jit.h"
#include "emulator/stream/StreamEmulator.h"
#include <gtest/gtest.h>
#include <unistd.h>

namespace hillock::emu {

/// A file of this process alone.
inline std::string fileOf(const std::string &name) {
  return testing::TempDir() + "stream_" + name + "_" +
         std::to_string(::getpid()) + ".hlk";
}

/// \p native: machine code from the first step on.
inline std::unique_ptr<Emulator> streamed(const std::string &path,
                                          unsigned threads, bool native = false,
                                          Simd simd = Simd::Auto) {
  Options options;
  options.threads = threads;
  options.simd = simd;
  options.codegenAfter = 0;
  if (native)
    options.codegen = createJit(simd);
  return llvm::cantFail(
      createStreamed(llvm::cantFail(image::ImageReader::open(path)), options));
}

inline std::unique_ptr<Emulator> whole(const std::string &path) {
  auto loaded =
      llvm::cantFail(image::load(llvm::cantFail(image::readImage(path)), path));
  return llvm::cantFail(Emulator::create(
      std::make_shared<image::LoadedImage>(std::move(loaded)), {}));
}

} // namespace hillock::emu

#endif // HILLOCK_TESTS_UNIT_EMULATOR_STREAM_STREAMIMAGES_H
