//===- runtime/stream/ReadIdx.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The IDX format of MNIST: two zero bytes, a type, the number of dimensions,
// their sizes and the elements, all big-endian; often packed with gzip.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Zip.h"
#include "runtime/stream/Readers.h"

namespace hillock::runtime {

static Expected<NdArray> parseIdx(std::string_view bytes,
                                  const std::string &path) {
  auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0)
    return inputError("does not begin like an IDX file", path);
  NdArray array;
  switch (byte(2)) {
  case 0x08:
    array.type = ElementType::U8;
    break;
  case 0x09:
    array.type = ElementType::I8;
    break;
  case 0x0b:
    array.type = ElementType::I16;
    break;
  case 0x0c:
    array.type = ElementType::I32;
    break;
  case 0x0d:
    array.type = ElementType::F32;
    break;
  case 0x0e:
    array.type = ElementType::F64;
    break;
  default:
    return inputError("IDX type " + std::to_string(byte(2)) + " is not known",
                      path + ", offset 2");
  }
  const size_t rank = byte(3), start = 4 + 4 * rank;
  if (bytes.size() < start)
    return inputError("the header of " + describeCount(rank, "dimension") +
                          " is cut off",
                      path + ", offset 4");
  for (size_t d = 0; d < rank; ++d) {
    int64_t extent = 0;
    for (size_t i = 0; i < 4; ++i)
      extent = extent << 8 | byte(4 + 4 * d + i);
    array.shape.push_back(extent);
  }
  const size_t width = elementBytes(array.type);
  int64_t count = 0;
  if (!elementCount(array.shape, count) ||
      static_cast<uint64_t>(count) > (bytes.size() - start) / width ||
      static_cast<uint64_t>(count) * width != bytes.size() - start)
    return inputError("shape " + describeShape(array.shape) +
                          " does not fill the " +
                          describeCount(bytes.size() - start, "byte") +
                          " from offset " + std::to_string(start) + " on",
                      path, "the file is cut off or damaged");
  array.bytes.assign(bytes.begin() + static_cast<ptrdiff_t>(start),
                     bytes.end());
  for (size_t i = 0; width > 1 && i < array.bytes.size(); i += width)
    std::reverse(array.bytes.begin() + static_cast<ptrdiff_t>(i),
                 array.bytes.begin() + static_cast<ptrdiff_t>(i + width));
  return std::move(array);
}

static Expected<NdArray> readIdx(std::string_view bytes,
                                 const std::string &path) {
  if (!bytes.starts_with("\x1f\x8b"))
    return parseIdx(bytes, path);
  Expected<std::string> plain = unpackGzip(bytes, path);
  if (!plain)
    return plain.takeError();
  return parseIdx(*plain, path);
}

/// "t10k-images-idx3-ubyte.gz" -> "t10k-labels-idx1-ubyte.gz".
static std::string labelsPath(const std::string &path) {
  const size_t slash = path.rfind('/');
  const size_t name = slash == std::string::npos ? 0 : slash + 1;
  std::string result = path;
  const size_t images = result.find("images", name);
  if (images == std::string::npos)
    return {};
  result.replace(images, 6, "labels");
  if (const size_t idx = result.find("idx3", name); idx != std::string::npos)
    result.replace(idx, 4, "idx1");
  return result;
}

Expected<DataSet> readIdxFile(std::string_view bytes, const std::string &path,
                              const ReadOptions &options) {
  Expected<NdArray> images = readIdx(bytes, path);
  if (!images)
    return images.takeError();
  const std::string beside = labelsPath(path);
  if (beside.empty())
    return samplesOfArray(*images, nullptr, path, options);
  Expected<std::string> labelBytes = readFile(beside);
  if (!labelBytes) { // images without labels can be run
    llvm::consumeError(labelBytes.takeError());
    return samplesOfArray(*images, nullptr, path, options);
  }
  Expected<NdArray> labels = readIdx(*labelBytes, beside);
  if (!labels)
    return labels.takeError();
  return samplesOfArray(*images, &*labels, path, options);
}

} // namespace hillock::runtime
