import JSON
import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let borders = [
        Clause("orders at the boundaries of a month, a century and all time are found and listed in order") {
            storage in
            try await storage.addStores()
            let february = Timestamp("2025-02-01T00:00:00Z")!.milliseconds
            let millennium = Timestamp("2000-01-01T00:00:00Z")!.milliseconds
            let century = Timestamp("2100-01-01T00:00:00Z")!.milliseconds
            let moments: [Int64] = [0, millennium - 1, millennium, february - 1, february, century - 1, century, (1 << 48) - 1]
            let ids: [OrderID] = moments.flatMap { [id(at: $0, random: 0), id(at: $0, random: .max)] }
            for (number, id) in ids.enumerated() {
                #expect(try await storage.add(write(id, slug: "s\(number)", notes: .string("\(number)"))) == [.created])
            }
            for (number, id) in ids.enumerated() { #expect(try await storage.notes(.id(id)) == .string("\(number)")) }
            #expect(try await storage.outline(of: PageRequest(), for: buyer).entries.map(\.id) == ids.reversed())
            let older = PageRequest(size: 4, position: .olderThan(ids[8]))
            #expect(try await storage.outline(of: older, for: buyer).entries.map(\.id) == ids[4..<8].reversed())
            let newer = PageRequest(size: 4, position: .newerThan(ids[7]))
            #expect(try await storage.outline(of: newer, for: buyer).entries.map(\.id) == ids[8..<12].reversed())
        },
        Clause("preparing for the coming months can be repeated and run concurrently") { storage in
            try await withThrowingTaskGroup { group in
                for month in 1...8 {
                    group.addTask { try await storage.prepareAhead(of: Timestamp("2031-0\(month)-15T00:00:00Z")!) }
                }
                try await group.waitForAll()
            }
            try await storage.addStores()
            #expect(
                try await storage.add(write(id(at: Timestamp("2031-06-01T00:00:00Z")!.milliseconds, random: 1))) == [.created])
        },
    ]
}

/// An id with a time, in milliseconds since 1970, and random bits that start with those of a number.
private func id(at milliseconds: Int64, random: UInt64) -> OrderID {
    OrderID(
        UUIDBytes(
            high: UInt64(milliseconds) << 16 | 0x7000 | random & 0xFFF, low: 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF))!
}
