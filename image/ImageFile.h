//===- image/ImageFile.h - Reading and writing .hlk files -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A .hlk file is: the 8 bytes "HILLOCK1", the length of the payload (u64 LE), a
// 64-bit hash of the payload (u64 LE), the payload (a serialized proto.Image).
// Serialization is deterministic: equal images give equal bytes.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_IMAGEFILE_H
#define HILLOCK_IMAGE_IMAGEFILE_H

#include "base/Error.h"
#include "image/CoreTables.h"
#include "image/Program.h"
#include "proto/image.pb.h"
#include "target/TargetModel.h"
#include <string_view>

namespace hillock::image {

constexpr uint32_t imageFormat = 1;
constexpr std::string_view imageMagic = "HILLOCK1";
constexpr uint64_t imageHeaderBytes = 24;

/// The bytes of a file; empty when the image exceeds the 2 GiB of a message.
std::string serialize(const proto::Image &image);

/// Checks magic, length, hash, format version and everything that validate()
/// does. \p name is used in messages.
Expected<proto::Image> parseImage(std::string_view bytes, std::string name);
Expected<proto::Image> readImage(const std::string &path);
Error writeImage(const proto::Image &image, const std::string &path);

/// Format version, target, programs (bytecode and parameter names) and places
/// of cores; the words themselves are left to load().
Error validate(const proto::Image &image, const std::string &name);

/// An image whose words have been decoded and whose parts fit together.
struct LoadedImage {
  proto::Image proto;
  target::TargetModel target;
  std::vector<Program> programs;
  std::vector<CoreTables> cores; ///< by index into proto.core()
};

/// Decodes all words and checks what crosses cores: sorted unique cores on the
/// mesh, known programs, axon destinations that exist, ports and debug lists
/// in range.
Expected<LoadedImage> load(proto::Image image, std::string name);

/// The parts of load(), for images whose cores are decoded one at a time:
/// everything but the cores' tables; the tables of one core; what crosses
/// cores. The last needs chip, core, program, compartments and axonsIn of each
/// core, and checks the axonsOut that are there.
Expected<LoadedImage> loadFrame(proto::Image image, const std::string &name);
Expected<CoreTables> loadCore(const proto::Core &core, const LoadedImage &frame,
                              const std::string &name, bool withOutputs = true);
Error checkTogether(const LoadedImage &image, const std::string &name);

proto::Program toProto(const Program &program);
Expected<Program> fromProto(const proto::Program &program);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_IMAGEFILE_H
