//===- compiler/frontend/nir/Hdf5File.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Hdf5File.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/Chunks.h"
#include "compiler/frontend/nir/GlobalHeap.h"
#include "compiler/frontend/nir/Lzf.h"
#include "compiler/frontend/nir/ObjectHeader.h"
#include "compiler/frontend/nir/ReadDriver.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <new>

namespace hillock::nir {

namespace {

// Deflate cannot expand more than about 1032 times.
constexpr uint64_t largestExpansion = 1032;
constexpr uint64_t largestDataset = uint64_t{1} << 36; // bytes

const char *const rewrite =
    "write the file again with nir.write(path, graph, compression=None)";

/// a * b, or the largest number when that is more.
uint64_t saturatingMultiply(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? ~uint64_t{0} : product;
}

herr_t keepReason(unsigned, const H5E_error2_t *error, void *data) {
  auto *text = static_cast<std::string *>(data);
  if (error->desc && text->empty())
    *text = error->desc;
  return 0;
}

Expected<Handle> makeAccess(const std::string &name) {
  registerLzf();
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (!access || H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG) < 0)
    return makeError(ErrorKind::Internal, withReason("cannot set up HDF5"),
                     name);
  return access;
}

Error cannotOpen(const std::string &name, bool signature) {
  if (!signature)
    return inputError("not an HDF5 file, and NIR files are HDF5", name,
                      "check that this is the file that nir.write made");
  return inputError(withReason("the HDF5 file is cut short or damaged"), name,
                    "copy or export it again");
}

} // namespace

std::string hdf5Reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keepReason, &reason);
  return reason;
}

std::string withReason(std::string text) {
  std::string reason = hdf5Reason();
  return reason.empty() ? text : text + " (HDF5: " + reason + ")";
}

QuietHdf5::QuietHdf5() {
  // After a damaged file the library may fail to shut down at exit and say so
  // on the terminal; everything that we open is closed by us.
  static std::once_flag once;
  std::call_once(once, [] { H5dont_atexit(); });
  H5open();
  H5Eget_auto2(H5E_DEFAULT, &function, &data);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

QuietHdf5::~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, function, data); }

Expected<Hdf5File> Hdf5File::openPath(const std::string &path,
                                      const std::string &name) {
  std::error_code code;
  auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status))
    return inputError("no such file", name);
  if (!std::filesystem::is_regular_file(status))
    return inputError("not a regular file", name);
  Hdf5File result;
  result.fileName = name;
  result.path = path;
  result.fileBytes = std::filesystem::file_size(path, code);
  if (code)
    return inputError("cannot be read: " + code.message(), name);
  if (result.fileBytes == 0)
    return inputError("the file is empty", name, "export it again");
  auto access = makeAccess(name);
  if (!access)
    return access.takeError();
  if (!readFromDisk(access->get()))
    return makeError(ErrorKind::Internal, withReason("cannot set up HDF5"),
                     name);
  bool signature = H5Fis_hdf5(path.c_str()) > 0;
  result.file =
      Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access->get()), H5Fclose);
  if (!result.file)
    return cannotOpen(name, signature);
  return result;
}

Expected<Hdf5File> Hdf5File::openMemory(std::string_view bytes,
                                        const std::string &name) {
  Hdf5File result;
  result.fileName = name;
  result.memory = bytes;
  result.fileBytes = bytes.size();
  if (bytes.empty())
    return inputError("the file is empty", name, "export it again");
  auto access = makeAccess(name);
  if (!access)
    return access.takeError();
  if (!readFromMemory(access->get(), bytes))
    return makeError(ErrorKind::Internal, withReason("cannot set up HDF5"),
                     name);
  result.file =
      Handle(H5Fopen("image.nir", H5F_ACC_RDONLY, access->get()), H5Fclose);
  if (!result.file)
    return cannotOpen(name, bytes.substr(0, 4) == "\x89HDF");
  return result;
}

std::optional<RawFile> Hdf5File::raw() const {
  Handle creation(H5Fget_create_plist(file.get()), H5Pclose);
  hsize_t base = 0;
  RawFile result;
  if (H5Pget_userblock(creation.get(), &base) < 0 ||
      H5Pget_sizes(creation.get(), &result.addressBytes, &result.sizeBytes) < 0)
    return std::nullopt;
  result.base = base;
  result.fileBytes = fileBytes;
  result.read = [this](uint64_t at, uint64_t size) {
    return rawBytes(at, size);
  };
  return result;
}

Expected<Handle> Hdf5File::openGroup(hid_t parent, const std::string &child,
                                     const std::string &where) const {
  Handle group(H5Gopen2(parent, child.c_str(), H5P_DEFAULT), H5Gclose);
  if (!group)
    return inputError(
        withReason("group " + quoteName(child) + " cannot be opened"), where,
        "the file is cut short or damaged; export it again");
  return group;
}

Expected<Hdf5File::Dataset>
Hdf5File::openDataset(hid_t parent, const std::string &child,
                      const std::string &where) const {
  Dataset data;
  data.id = Handle(H5Dopen2(parent, child.c_str(), H5P_DEFAULT), H5Dclose);
  if (data.id) {
    data.type = Handle(H5Dget_type(data.id.get()), H5Tclose);
    data.space = Handle(H5Dget_space(data.id.get()), H5Sclose);
  }
  if (!data.id || !data.type || !data.space)
    return inputError(withReason("the data set cannot be opened"), where,
                      "the file is damaged; export it again");
  if (H5Sget_simple_extent_type(data.space.get()) == H5S_NULL)
    return inputError("the data set is empty (a null data space)", where,
                      "give the parameter a value before export");
  hsize_t dims[H5S_MAX_RANK] = {};
  int rank = H5Sget_simple_extent_dims(data.space.get(), dims, nullptr);
  if (rank < 0)
    return inputError(withReason("the shape cannot be read"), where);
  data.count = 1;
  for (int i = 0; i < rank; ++i) {
    data.count = saturatingMultiply(data.count, dims[i]);
    data.shape.push_back(
        static_cast<int64_t>(std::min<hsize_t>(dims[i], INT64_MAX)));
  }
  return data;
}

Error Hdf5File::checkFilters(hid_t properties, uint64_t chunkBytes,
                             const std::string &where) const {
  for (int i = 0, n = H5Pget_nfilters(properties); i < n; ++i) {
    unsigned flags = 0, config = 0, values[8] = {};
    size_t count = 8;
    char name[64] = "";
    H5Z_filter_t filter =
        H5Pget_filter2(properties, unsigned(i), &flags, &count, values,
                       sizeof(name) - 1, name, &config);
    if (filter < 0)
      return inputError(withReason("a filter cannot be read"), where);
    if (H5Zfilter_avail(filter) <= 0)
      return inputError("is compressed with HDF5 filter " +
                            std::to_string(filter) + " " + quoteName(name) +
                            ", which is not available here",
                        where, rewrite);
    if (filter == lzfFilter && (count < 3 || values[2] != chunkBytes))
      return inputError("its LZF filter is set up for another chunk size",
                        where, rewrite);
  }
  return Error::success();
}

Error Hdf5File::checkStorage(const Dataset &data, const std::string &where) {
  uint64_t bytes = saturatingMultiply(data.count, H5Tget_size(data.type.get()));
  Handle properties(H5Dget_create_plist(data.id.get()), H5Pclose);
  if (!properties)
    return inputError(withReason("the data set cannot be opened"), where);
  H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.get()) > 0)
    return inputError("the data lie in another file", where,
                      "store the data itself in the file");
  uint64_t stored = H5Dget_storage_size(data.id.get());
  uint64_t backed = std::min(stored, fileBytes);
  if (layout == H5D_CHUNKED) {
    hsize_t dims[H5S_MAX_RANK] = {};
    int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, dims);
    uint64_t chunk = H5Tget_size(data.type.get());
    for (int i = 0; i < rank; ++i)
      chunk = saturatingMultiply(chunk, dims[i]);
    if (Error error = checkFilters(properties.get(), chunk, where))
      return error;
    backed = saturatingMultiply(backed, largestExpansion);
    if (chunk > std::max<uint64_t>(backed, 1 << 20))
      backed = 0; // A chunk is allocated whole.
  }
  uint64_t allowed =
      saturatingMultiply(fileBytes, largestExpansion) + (1 << 20);
  if (bytes > backed || bytes > largestDataset || bytesRead + bytes > allowed)
    return inputError(
        "a shape of " + describeShape(data.shape) +
            (bytes == ~uint64_t{0}
                 ? " is"
                 : " takes " + describeBytes(bytes) + ", which is") +
            " more than the file of " + describeBytes(fileBytes) +
            " holds for it",
        where, "the file is cut short or damaged; export it again");
  bytesRead += bytes;
  return Error::success();
}

Expected<DataKind> Hdf5File::kindOf(hid_t parent, const std::string &child,
                                    const std::string &where) const {
  auto data = openDataset(parent, child, where);
  if (!data)
    return data.takeError();
  switch (H5Tget_class(data->type.get())) {
  case H5T_INTEGER:
  case H5T_FLOAT:
  case H5T_ENUM:
    return DataKind::Numbers;
  case H5T_STRING:
    return DataKind::Text;
  default:
    return DataKind::Other;
  }
}

namespace {

const char *describeClass(H5T_class_t type) {
  switch (type) {
  case H5T_STRING:
    return "text";
  case H5T_COMPOUND:
    return "compound values";
  case H5T_ENUM:
    return "enumerated values";
  case H5T_VLEN:
    return "lists of different lengths";
  case H5T_REFERENCE:
    return "references";
  default:
    return "values of an unknown kind";
  }
}

bool holdsWholeFloats(const std::vector<double> &values) {
  return std::all_of(values.begin(), values.end(), [](double v) {
    return double(float(v)) == v && !(v == 0 && std::signbit(v));
  });
}

} // namespace

/// Reads in the file's type and converts in place when \p target, of
/// \p targetBytes, is as wide. Booleans of h5py are an enumeration over int8,
/// which counts as its base type.
Error Hdf5File::readValues(const Dataset &data, hid_t target,
                           size_t targetBytes, void *out,
                           const std::string &where) const {
  if (data.count == 0)
    return Error::success();
  bool isEnum = H5Tget_class(data.type.get()) == H5T_ENUM;
  Handle type(isEnum ? H5Tget_super(data.type.get()) : H5Tcopy(data.type.get()),
              H5Tclose);
  size_t size = H5Tget_size(type.get());
  std::vector<char> wide(size > targetBytes ? data.count * size : 0);
  char *buffer = wide.empty() ? static_cast<char *>(out) : wide.data();
  std::string problem;
  if (auto layout = chunkLayout(data.id.get(), data.shape, size, fileBytes))
    problem = readChunks(data.id.get(), *layout, buffer);
  else if (H5Dread(data.id.get(), data.type.get(), H5S_ALL, H5S_ALL,
                   H5P_DEFAULT, buffer) < 0)
    problem = withReason("the numbers cannot be read");
  if (problem.empty() && H5Tconvert(type.get(), target, data.count, buffer,
                                    nullptr, H5P_DEFAULT) < 0)
    problem = withReason("the numbers cannot be converted");
  if (!problem.empty())
    return inputError(problem, where, "the file is damaged; export it again");
  if (!wide.empty())
    std::memcpy(out, wide.data(), data.count * targetBytes);
  return Error::success();
}

Expected<Tensor> Hdf5File::numbers(hid_t parent, const std::string &child,
                                   const std::string &where) {
  auto data = openDataset(parent, child, where);
  if (!data)
    return data.takeError();
  hid_t type = data->type.get();
  H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM)
    return inputError(std::string("holds ") + describeClass(kind) +
                          " where numbers are needed",
                      where, "store integers or floats");
  if (Error error = checkStorage(*data, where))
    return error;
  Tensor tensor;
  tensor.shape = data->shape;
  size_t size = H5Tget_size(type);
  if ((kind == H5T_FLOAT && size <= 4) || (kind == H5T_INTEGER && size <= 2)) {
    std::vector<float> values(data->count);
    if (Error error = readValues(*data, H5T_NATIVE_FLOAT, sizeof(float),
                                 values.data(), where))
      return error;
    tensor.values = std::move(values);
    return tensor;
  }
  std::vector<double> values(data->count);
  if (Error error = readValues(*data, H5T_NATIVE_DOUBLE, sizeof(double),
                               values.data(), where))
    return error;
  if (holdsWholeFloats(values))
    tensor.values = std::vector<float>(values.begin(), values.end());
  else
    tensor.values = std::move(values);
  return tensor;
}

Expected<std::vector<int64_t>> Hdf5File::integers(hid_t parent,
                                                  const std::string &child,
                                                  const std::string &where) {
  auto data = openDataset(parent, child, where);
  if (!data)
    return data.takeError();
  H5T_class_t kind = H5Tget_class(data->type.get());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT)
    return inputError(std::string("holds ") + describeClass(kind) +
                          " where integers are needed",
                      where, "store integers");
  if (Error error = checkStorage(*data, where))
    return error;
  std::vector<int64_t> result(data->count);
  if (kind == H5T_INTEGER) {
    if (Error error = readValues(*data, H5T_NATIVE_INT64, sizeof(int64_t),
                                 result.data(), where))
      return error;
    return result;
  }
  std::vector<double> values(data->count);
  if (Error error = readValues(*data, H5T_NATIVE_DOUBLE, sizeof(double),
                               values.data(), where))
    return error;
  for (size_t i = 0; i < values.size(); ++i) {
    double value = values[i];
    if (!(std::abs(value) < 9e15) || value != std::floor(value))
      return inputError("value " + std::to_string(value) + " is not an integer",
                        where);
    result[i] = static_cast<int64_t>(value);
  }
  return result;
}

namespace {

/// Memory for strings of variable length. Many elements of a hostile file may
/// share one long string, so the sum is limited.
struct StringArena {
  uint64_t most = 0, taken = 0;
  std::vector<std::unique_ptr<char[]>> blocks;

  static void *take(size_t size, void *self) {
    auto *arena = static_cast<StringArena *>(self);
    if (size > arena->most - arena->taken)
      return nullptr;
    arena->taken += size;
    arena->blocks.emplace_back(new (std::nothrow) char[size]);
    return arena->blocks.back().get();
  }
  static void giveBack(void *, void *) {} // All at once, at the end.
};

} // namespace

std::string Hdf5File::rawBytes(uint64_t offset, uint64_t size) const {
  if (offset > fileBytes)
    return "";
  size = std::min(size, fileBytes - offset);
  if (path.empty())
    return std::string(memory.substr(offset, size));
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(size, '\0');
  stream.seekg(static_cast<std::streamoff>(offset));
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size)))
    return "";
  return bytes;
}

/// Where the elements of a data set lie in the file, when they do so in one
/// piece and without a filter.
std::optional<uint64_t> Hdf5File::rawOffset(const Dataset &data) const {
  haddr_t offset = H5Dget_offset(data.id.get());
  if (offset != HADDR_UNDEF)
    return offset;
  hsize_t chunks = 0, bytes = 0, origin[H5S_MAX_RANK] = {};
  unsigned mask = 0;
  Handle properties(H5Dget_create_plist(data.id.get()), H5Pclose);
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED ||
      H5Pget_nfilters(properties.get()) != 0 ||
      H5Dget_num_chunks(data.id.get(), data.space.get(), &chunks) < 0 ||
      chunks != 1 ||
      H5Dget_chunk_info(data.id.get(), data.space.get(), 0, origin, &mask,
                        &offset, &bytes) < 0)
    return std::nullopt;
  // Only the last axes of a chunk may be padded for the order to hold.
  hsize_t dims[H5S_MAX_RANK] = {};
  int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, dims);
  for (int i = 1; i < rank; ++i)
    if (int64_t(dims[i]) != data.shape[size_t(i)])
      return std::nullopt;
  return offset;
}

/// None when the elements do not lie in one piece.
Expected<std::optional<std::vector<std::string>>>
Hdf5File::heapStrings(const Dataset &data, const std::string &where) const {
  auto offset = rawOffset(data);
  auto source = raw();
  if (!offset || !source)
    return std::nullopt;
  GlobalHeap heap(source->read, source->base, source->addressBytes,
                  source->sizeBytes, fileBytes);
  size_t step = heap.elementBytes();
  std::string raw = rawBytes(*offset, saturatingMultiply(data.count, step));
  std::vector<std::string> texts;
  for (size_t i = 0; i < data.count && !raw.empty(); ++i) {
    auto text = heap.text(std::string_view(raw).substr(i * step, step));
    if (!text)
      break;
    texts.push_back(std::move(*text));
  }
  if (texts.size() != data.count)
    return inputError("the text of element " + std::to_string(texts.size()) +
                          " cannot be found in the file",
                      where, "the file is damaged; export it again");
  return texts;
}

Expected<std::vector<std::string>>
Hdf5File::variableStrings(const Dataset &data, const std::string &where) {
  auto direct = heapStrings(data, where);
  if (!direct)
    return direct.takeError();
  if (*direct)
    return std::move(**direct);
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5Tget_cset(data.type.get()));
  StringArena arena;
  arena.most = saturatingMultiply(fileBytes, largestExpansion);
  Handle transfer(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
  H5Pset_vlen_mem_manager(transfer.get(), StringArena::take, &arena,
                          StringArena::giveBack, nullptr);
  std::vector<char *> pointers(data.count, nullptr);
  if (H5Dread(data.id.get(), type.get(), H5S_ALL, H5S_ALL, transfer.get(),
              pointers.data()) < 0)
    return inputError(withReason("the text cannot be read"), where,
                      "the file is damaged; export it again");
  std::vector<std::string> texts;
  for (const char *pointer : pointers)
    texts.emplace_back(pointer ? pointer : "");
  return texts;
}

Expected<std::vector<std::string>> Hdf5File::strings(hid_t parent,
                                                     const std::string &child,
                                                     const std::string &where,
                                                     Shape *shape) {
  auto data = openDataset(parent, child, where);
  if (!data)
    return data.takeError();
  if (shape)
    *shape = data->shape;
  if (data->count == 0)
    return std::vector<std::string>();
  hid_t type = data->type.get();
  if (H5Tget_class(type) != H5T_STRING)
    return inputError("holds numbers or other data where text is needed",
                      where);
  if (Error error = checkStorage(*data, where))
    return error;
  if (H5Tis_variable_str(type) > 0)
    return variableStrings(*data, where);
  size_t size = H5Tget_size(type);
  std::string raw(data->count * size, '\0');
  if (H5Dread(data->id.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) <
      0)
    return inputError(withReason("the text cannot be read"), where,
                      "the file is damaged; export it again");
  bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  std::vector<std::string> texts;
  for (size_t i = 0; i < data->count; ++i) {
    std::string text = raw.substr(i * size, size);
    text.resize(std::min(text.find('\0'), text.size()));
    while (spaces && !text.empty() && text.back() == ' ')
      text.pop_back();
    texts.push_back(std::move(text));
  }
  return texts;
}

} // namespace hillock::nir
