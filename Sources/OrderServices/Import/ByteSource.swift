import CZlib
import CZstd
import Foundation

/// The bytes of a file, unpacked if they are compressed with gzip (RFC 1952) or zstd (RFC 8878).
///
/// It may be handed to another task, but only one may use it at a time: the one that has the ``LineReader``.
final class ByteSource: @unchecked Sendable {
    private enum Packing {
        case unknown, none
        case gzip(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
    }

    private let descriptor: Int32
    private var packing = Packing.unknown
    private var packed = [UInt8](repeating: 0, count: 1 << 18)
    private var start = 0
    private var end = 0
    /// Whether a compressed part has begun and not ended.
    private var isWithin = false
    /// The number of bytes read from the file so far.
    private(set) var bytesRead = 0

    /// - Parameter descriptor: an open file, which stays open.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        switch packing {
        case .unknown, .none: break
        case .gzip(let stream):
            inflateEnd(stream)
            stream.deallocate()
        case .zstd(let stream): ZSTD_freeDStream(stream)
        }
    }

    /// Reads the next bytes.
    /// - Returns: how many; 0 at the end.
    /// - Throws: ``LineReader/ReadError``.
    func read(into buffer: inout [UInt8]) throws -> Int {
        if case .unknown = packing { try detect() }
        while true {
            if start == end {
                guard try fill() else {
                    guard !isWithin else { throw LineReader.ReadError("the compressed file is cut short") }
                    return 0
                }
            }
            if case .gzip = packing, !isWithin {
                // Some tools fill a file up with zeros.
                while start < end, packed[start] == 0 { start += 1 }
                if start == end { continue }
            }
            let count =
                switch packing {
                case .unknown, .none: copy(to: &buffer)
                case .gzip(let stream): try inflate(stream, to: &buffer)
                case .zstd(let stream): try decompress(stream, to: &buffer)
                }
            if count > 0 { return count }
        }
    }

    /// Tells from the first bytes how the file is compressed.
    private func detect() throws {
        while end < 4, try fill(after: end) {}
        let first = packed[..<end]
        packing = .none
        if first.starts(with: [0x1F, 0x8B]) {
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // 31 means gzip with the largest window.
            inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            packing = .gzip(stream)
        } else if first.starts(with: [0x28, 0xB5, 0x2F, 0xFD]), let stream = ZSTD_createDStream() {
            packing = .zstd(stream)
        }
    }

    private func fill(after kept: Int = 0) throws -> Bool {
        while true {
            let count = packed.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress! + kept, $0.count - kept)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LineReader.ReadError(String(cString: strerror(errno))) }
            (start, end) = (0, kept + count)
            bytesRead += count
            return count > 0
        }
    }

    private func copy(to buffer: inout [UInt8]) -> Int {
        let count = min(buffer.count, end - start)
        buffer.replaceSubrange(..<count, with: packed[start..<start + count])
        start += count
        return count
    }

    private func inflate(_ stream: UnsafeMutablePointer<z_stream>, to buffer: inout [UInt8]) throws -> Int {
        try packed.withUnsafeMutableBufferPointer { packed in
            try buffer.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_in = packed.baseAddress! + start
                stream.pointee.avail_in = UInt32(end - start)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                let code = CZlib.inflate(stream, Z_NO_FLUSH)
                start = end - Int(stream.pointee.avail_in)
                switch code {
                case Z_OK, Z_BUF_ERROR: isWithin = true
                case Z_STREAM_END:
                    // Another part may follow.
                    isWithin = false
                    inflateReset(stream)
                default: throw LineReader.ReadError("the compressed file is damaged")
                }
                return buffer.count - Int(stream.pointee.avail_out)
            }
        }
    }

    private func decompress(_ stream: OpaquePointer, to buffer: inout [UInt8]) throws -> Int {
        try packed.withUnsafeBytes { packed in
            try buffer.withUnsafeMutableBytes { buffer in
                var input = ZSTD_inBuffer(src: packed.baseAddress, size: end, pos: start)
                var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                let rest = ZSTD_decompressStream(stream, &output, &input)
                guard ZSTD_isError(rest) == 0 else { throw LineReader.ReadError("the compressed file is damaged") }
                start = input.pos
                isWithin = rest != 0
                return output.pos
            }
        }
    }
}
