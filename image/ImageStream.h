//===- image/ImageStream.h - Images core by core ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes and reads .hlk files of which only one core is in memory at a time.
// The bytes are those of writeImage(), but there may be more than the 2 GiB of
// one message: then only ImageReader reads them.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_IMAGESTREAM_H
#define HILLOCK_IMAGE_IMAGESTREAM_H

#include "base/AtomicFile.h"
#include "image/ImageFile.h"
#include "target/Hash.h"
#include <memory>

namespace hillock::image {

/// A core as it stands in the file.
std::string coreBytes(const proto::Core &core);

class ImageWriter {
public:
  /// Begins the file with format, producer, target and programs of \p head;
  /// the other fields of \p head are not looked at. The path must be that of a
  /// file, not of a pipe.
  static Expected<ImageWriter> create(const std::string &path,
                                      const proto::Image &head);
  /// The coreBytes() of the cores, in the order of the image.
  Error add(std::string_view core);
  /// Ends the file with io and debug of \p tail and makes it visible.
  Error finish(const proto::Image &tail);

private:
  explicit ImageWriter(AtomicFile file, const std::string &path)
      : file(std::move(file)), path(path) {}
  Error append(std::string_view bytes);

  AtomicFile file;
  std::string path;
  target::Hasher hasher;
  uint64_t length = 0; ///< of the payload so far
};

class ImageReader {
public:
  /// Reads the file once: checks frame, hash and everything that validate()
  /// does, and remembers where the cores are.
  static Expected<ImageReader> open(const std::string &path);

  const std::string &name() const { return path; }
  uint64_t hash() const { return payloadHash; }
  uint64_t fileBytes() const { return imageHeaderBytes + payloadBytes; }
  /// All but the tables; the cores of its message have places and programs and
  /// no memories.
  const LoadedImage &frame() const { return image; }
  /// To be filled by who reads core by core, for checkTogether().
  LoadedImage &frame() { return image; }
  /// The tables of core \p index, decoded and checked by themselves.
  Expected<CoreTables> core(size_t index) const;
  /// Of these all but the output axons, see unpackInputs(); only compartments
  /// and output axons, see unpackOutputs().
  Expected<CoreTables> inputs(size_t index) const;
  Expected<CoreTables> outputs(size_t index) const;
  /// The frame with cores of which place, program and number of compartments
  /// are known: what a session needs beside an emulator.
  Expected<LoadedImage> outline() const;

private:
  struct Closer {
    void operator()(int *descriptor) const;
  };
  struct Piece {
    uint64_t at = 0, bytes = 0;
  };
  ImageReader() = default;
  Error readAt(uint64_t at, uint64_t bytes, std::string &into) const;
  Expected<proto::Core> parse(size_t index) const;
  Error checkPayload();
  Error scan();
  Error addCore(Piece piece, proto::Image &frame);

  std::string path;
  std::unique_ptr<int, Closer> file;
  uint64_t payloadBytes = 0, payloadHash = 0;
  std::vector<Piece> pieces;
  LoadedImage image;
};

} // namespace hillock::image

#endif // HILLOCK_IMAGE_IMAGESTREAM_H
