package import Orders

/// Keeps files: on this machine, or with a service for it.
package protocol FileStorage: Sendable {
    /// Keeps a file for good, in place of one of the same name. It returns once it is safe.
    /// - Throws: ``FileStorageFailure``.
    func put(_ bytes: [UInt8], as name: FileName, contentType: String) async throws(FileStorageFailure)

    /// A file; `nil` if there is none of this name.
    /// - Throws: ``FileStorageFailure``.
    func get(_ name: FileName) async throws(FileStorageFailure) -> FileParts?

    /// Removes a file, if there is one of this name.
    /// - Throws: ``FileStorageFailure``.
    func delete(_ name: FileName) async throws(FileStorageFailure)
}

/// A file, part by part. A part that can't be had ends it with an error.
package typealias FileParts = any AsyncSequence<[UInt8], any Error> & Sendable

/// The name of a file: its store and its key, which are letters, digits, `_` and `-`.
package struct FileName: Hashable, Sendable {
    package let storeID: StoreID
    package let key: FileKey

    package init(_ key: FileKey, in storeID: StoreID) {
        self.storeID = storeID
        self.key = key
    }

    /// As a path of two segments.
    package var path: String { "\(storeID)/\(key)" }
}

/// Why a file can't be kept, had or removed, for the operator: without its name.
package struct FileStorageFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
