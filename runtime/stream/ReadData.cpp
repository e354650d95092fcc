//===- runtime/stream/ReadData.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/stream/ReadData.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Npy.h"
#include "runtime/stream/Readers.h"
#include <filesystem>

namespace hillock::runtime {

static Error checkOptions(const ReadOptions &options, const std::string &path) {
  int64_t neurons = 0;
  if (!elementCount(options.inputShape, neurons) || neurons < 1 ||
      neurons > maxNeurons)
    return inputError("the network's input " +
                          describeShape(options.inputShape) +
                          " is empty or too large",
                      path);
  if (options.steps < 0 || options.steps > maxSteps)
    return inputError("the number of steps is " + withSeparators(options.steps),
                      path, "give a number from 1 to 2^31");
  return Error::success();
}

static Expected<DataSet> readBytes(std::string_view bytes,
                                   const std::string &path,
                                   const ReadOptions &options) {
  const std::string extension =
      std::filesystem::path(path).extension().string();
  if (bytes.empty())
    return inputError("is empty", path);
  if (looksLikeNpy(bytes) || looksLikeZip(bytes) || extension == ".npy")
    return readArrayFile(bytes, path, options);
  if (extension == ".npz") // cut off at the front: say what is wrong
    return inputError("does not begin like a zip archive", path,
                      "save it with numpy.savez");
  if (extension == ".csv")
    return readCsvFile(bytes, path, options);
  if (extension == ".bin" || extension == ".bs2")
    return readRecording(bytes, path, options);
  if (extension == ".txt")
    return looksLikeList(bytes, path) ? readListFile(bytes, path, options)
                                      : readCsvFile(bytes, path, options);
  if (bytes.starts_with("\x1f\x8b") ||
      bytes.starts_with(std::string_view("\0\0\x08", 3)))
    return readIdxFile(bytes, path, options);
  return inputError("is of no known format", path,
                    "give .npy, .npz, .csv, .bin, .bs2, .nirdata, an IDX "
                    "file, a list (.txt) or a folder of recordings");
}

static Expected<DataSet> readPath(const std::string &path,
                                  const ReadOptions &options) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code))
    return readFolder(path, options);
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  if (bytes->starts_with("\x89HDF\r\n\x1a\n") || path.ends_with(".nirdata"))
    return readNirData(path, options);
  return readBytes(*bytes, path, options);
}

Expected<DataSet> readData(const std::string &path,
                           const ReadOptions &options) {
  if (Error error = checkOptions(options, path))
    return std::move(error);
  Expected<DataSet> set = readPath(path, options);
  if (!set)
    return set.takeError();
  if (set->samples.empty())
    return inputError("no samples are left", path,
                      "choose a smaller first sample");
  for (const Stimulus &sample : set->samples)
    if (Error error = sample.check())
      return std::move(error);
  set->name = path;
  return set;
}

} // namespace hillock::runtime
