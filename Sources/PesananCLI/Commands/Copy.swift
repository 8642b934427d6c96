import Accounts
import ArgumentParser
import Foundation
import OrderServices
import Orders
import PostgresStorage
import SQLStorage
import SQLiteStorage

/// `pesanan copy`
struct Copy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy everything from the embedded database to PostgreSQL, and verify the copy.",
        discussion: """
            The signing keys next to the embedded database are copied too, so buyers stay signed in. Run the command again to resume an \
            interrupted copy.
            """ + "\n\n"
                + examples(
                    "pesanan copy --from sqlite:pesanan-data/pesanan.sqlite --to postgres://pesanan@db1/orders",
                    "PESANAN_DATABASE=postgres://pesanan@db1/orders pesanan copy --from sqlite:pesanan-data/pesanan.sqlite"))

    @Option(help: "The database to copy, sqlite:PATH.")
    var from: String

    @Option(help: "An empty PostgreSQL database, or one with an interrupted copy. (default: the setting database)")
    var to: String?

    @OptionGroup var data: DataOptions

    func run() async throws {
        guard case .sqlite(let path)? = DatabaseAddress(from) else { throw ValidationError("--from must be sqlite:PATH") }
        let given: DatabaseAddress?
        if let to { given = DatabaseAddress(to) } else { given = try await data.settings().database }
        guard case .postgres(let address)? = given else {
            throw ValidationError("--to or the setting database must be postgres://USER@HOST/NAME")
        }
        guard FileManager.default.fileExists(atPath: path) else { throw OperatorError("there is no database \(path)") }
        let progress = CopyProgress()
        defer { progress.end() }
        do {
            let source = try SQLiteSnapshot(try Self.open(path))
            let storage = try await PostgresStorage(address, connections: 1)
            let target = try await PostgresCopy(storage)
            let isSame = try await StorageCopy(from: source, to: target).run(progress.show) {
                try await copyKey(beside: path, to: target)
            }
            guard isSame else { throw OperatorError("the copy differs from its source: run the command again") }
        } catch let refusal as CopyRefusal {
            throw OperatorError("nothing was copied: \(refusal)")
        } catch let failure as StorageFailure {
            throw OperatorError("the copy was interrupted, run the command again to resume it: \(failure)")
        }
    }

    private static func open(_ path: String) throws -> SQLiteStorage {
        do { return try SQLiteStorage(path: path) } catch let failure as StorageFailure {
            throw OperatorError("\(path) can't be opened: \(failure)")
        }
    }

    private func copyKey(beside path: String, to target: PostgresCopy) async throws {
        let folder = SigningKeyFolder(URL(filePath: path).deletingLastPathComponent())
        guard folder.hasKeys else { return }
        try await target.keep(folder.keyRing(orElse: SigningKey()))
        print("signing keys: copied")
    }
}

/// Shows the progress of a copy: one line per table on standard output and, on a terminal, the current row count on standard error.
private final class CopyProgress {
    private let isTerminal = isatty(2) == 1

    func show(_ step: StorageCopy.Step) {
        switch step {
        case .copied(let table, let rows): showLine("\(table.name): \(rows) rows copied")
        case .checked(let table, let rows): showLine("\(table.name): \(rows) rows verified")
        case .verified(let table, let source, let target):
            end()
            let sum = { (summary: StorageCopy.Summary) in "\(summary.rows) rows, checksum \(String(summary.checksum, radix: 16))"
            }
            say("\(table.name): \(sum(target))\(source == target ? "" : ", but the source has \(sum(source))")\n")
        }
    }

    func end() { if isTerminal { remark("\r\u{1B}[K") } }

    private func showLine(_ text: String) { if isTerminal { remark("\r\u{1B}[K" + text) } }
}
