import Foundation

/// An HTTP answer.
package struct HTTPAnswer: Sendable {
    package let status: Int
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    /// The value of a header field, by its lower-case name.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The complete answer, except for the parts that differ between requests and the order of the fields.
    package var comparable: String {
        let steady = fields.filter {
            $0.name != "date" && $0.name != "x-request-id" && $0.name != "x-scalev-request-id"
                && !$0.name.hasPrefix("x-ratelimit-")
        }.map {
            "\($0.name): \($0.value)"
        }
        return "\(status)\n\(steady.sorted().joined(separator: "\n"))\n\n\(text)"
    }
}

/// A connection that sends exactly the given bytes, HTTP or not.
package final class RawConnection {
    package struct Broken: Error {}

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter receiveBuffer: how many bytes the system buffers on this side until they are read; the system's default if
    ///   `nil`.
    package init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw Broken()
        }
    }

    deinit { close(descriptor) }

    /// A port that nobody listens on at the moment.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard code == 0 else { throw Broken() }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    package func write(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken() }
            start += count
        }
    }

    /// Closes the sending side and keeps receiving.
    package func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads the next answer.
    /// - Parameter hasBody: whether the answer has the body that its header announces; an answer to HEAD has none.
    package func answer(hasBody: Bool = true) throws -> HTTPAnswer {
        var end: Int?
        while true {
            end = received.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound
            if end != nil { break }
            guard try receive() else { throw Broken() }
        }
        let lines = String(decoding: received[..<end!], as: UTF8.self).components(separatedBy: "\r\n")
        received.removeFirst(end! + 4)
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: parts[0].lowercased(), value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        let status = Int(lines[0].split(separator: " ")[1])!
        let length = hasBody && status != 304 ? fields.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0 : 0
        while received.count < length { guard try receive() else { throw Broken() } }
        let body = Array(received.prefix(length))
        received.removeFirst(length)
        return HTTPAnswer(status: status, fields: fields, body: body)
    }

    /// Reads the next chunk of an answer without a length (RFC 9112, section 7.1); empty for the last one.
    package func chunk() throws -> [UInt8] {
        while true {
            if let end = received.firstRange(of: Array("\r\n".utf8))?.lowerBound,
                let length = Int(String(decoding: received[..<end], as: UTF8.self), radix: 16), received.count >= end + length + 4
            {
                let chunk = Array(received[(end + 2)..<(end + 2 + length)])
                received.removeFirst(end + length + 4)
                return chunk
            }
            guard try receive() else { throw Broken() }
        }
    }

    /// Everything that comes until the other side closes the connection.
    package func rest() throws -> [UInt8] {
        while try receive() {}
        return received
    }

    /// Whether the other side has closed the connection without sending anything more.
    package func isClosed() throws -> Bool { try !receive() && received.isEmpty }

    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Broken() }
        received += buffer.prefix(count)
        return count > 0
    }
}
