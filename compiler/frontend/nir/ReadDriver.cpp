//===- compiler/frontend/nir/ReadDriver.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/ReadDriver.h"
#include <cstring>
#include <fstream>
#if __has_include(<H5FDdevelop.h>) // From HDF5 1.14 on.
#include <H5FDdevelop.h>
#endif

namespace hillock::nir {

namespace {

/// HDF5 copies it as bytes.
struct Source {
  const char *data; ///< Null for a file on disk.
  uint64_t size;
};

struct OpenFile {
  H5FD_t common; ///< Belongs to HDF5, which needs it first.
  Source source;
  std::ifstream stream;
  haddr_t endOfAddresses;
};

OpenFile *opened(H5FD_t *file) { return reinterpret_cast<OpenFile *>(file); }
const OpenFile *opened(const H5FD_t *file) {
  return reinterpret_cast<const OpenFile *>(file);
}

H5FD_t *openFile(const char *name, unsigned flags, hid_t access, haddr_t) {
  const auto *source = static_cast<const Source *>(H5Pget_driver_info(access));
  if (!source || (flags & (H5F_ACC_RDWR | H5F_ACC_CREAT | H5F_ACC_TRUNC)))
    return nullptr;
  auto *file = new OpenFile{};
  file->source = *source;
  if (!source->data) {
    file->stream.open(name, std::ios::binary | std::ios::ate);
    auto end = file->stream.tellg();
    if (!file->stream || end < 0) {
      delete file;
      return nullptr;
    }
    file->source.size = static_cast<uint64_t>(end);
  }
  return &file->common;
}

herr_t closeFile(H5FD_t *file) {
  delete opened(file);
  return 0;
}

// The library takes no driver without these three.
haddr_t endOfAddresses(const H5FD_t *file, H5FD_mem_t) {
  return opened(file)->endOfAddresses;
}
herr_t setEndOfAddresses(H5FD_t *file, H5FD_mem_t, haddr_t address) {
  opened(file)->endOfAddresses = address;
  return 0;
}
herr_t write(H5FD_t *, H5FD_mem_t, hid_t, haddr_t, size_t, const void *) {
  return -1;
}

haddr_t endOfFile(const H5FD_t *file, H5FD_mem_t) {
  return opened(file)->source.size;
}

/// Sieving gathers small reads of numbers; no flag asks for the accumulator.
herr_t query(const H5FD_t *, unsigned long *flags) {
  if (flags)
    *flags = H5FD_FEAT_DATA_SIEVE;
  return 0;
}

herr_t read(H5FD_t *handle, H5FD_mem_t, hid_t, haddr_t address, size_t size,
            void *out) {
  OpenFile *file = opened(handle);
  uint64_t end = file->source.size;
  if (address > end || size > end - address)
    return -1;
  if (size == 0)
    return 0;
  if (file->source.data) {
    std::memcpy(out, file->source.data + address, size);
    return 0;
  }
  file->stream.clear();
  file->stream.seekg(static_cast<std::streamoff>(address));
  file->stream.read(static_cast<char *>(out),
                    static_cast<std::streamsize>(size));
  return file->stream ? 0 : -1;
}

bool setDriver(hid_t access, const Source &source) {
  H5FD_class_t driver = {};
#ifdef H5FD_CLASS_VERSION
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(600); // Of no other driver.
#endif
  driver.name = "hillock_read";
  driver.maxaddr = static_cast<haddr_t>(INT64_MAX);
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(Source);
  driver.open = openFile;
  driver.close = closeFile;
  driver.query = query;
  driver.get_eoa = endOfAddresses;
  driver.set_eoa = setEndOfAddresses;
  driver.get_eof = endOfFile;
  driver.read = read;
  driver.write = write;
  const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
  std::memcpy(driver.fl_map, map, sizeof(map));
  hid_t id = H5FDregister(&driver);
  if (id < 0)
    return false;
  bool taken = H5Pset_driver(access, id, &source) >= 0;
  H5FDunregister(id); // The property list holds on to it.
  return taken;
}

} // namespace

bool readFromMemory(hid_t access, std::string_view memory) {
  return setDriver(access, {memory.data(), memory.size()});
}

bool readFromDisk(hid_t access) { return setDriver(access, {nullptr, 0}); }

} // namespace hillock::nir
