import ArgumentParser
import JSON
import OrderServices
import Orders

/// `pesanan customer`
struct PersonalDataCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer", abstract: "Hand out or erase what is held about a person.",
        subcommands: [Export.self, Forget.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print everything that is held about a person, in all stores, as JSON.",
            discussion: examples("pesanan customer export siti@example.com > siti.json"))
        @Argument(help: "The person's e-mail address.")
        var email: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            let (personal, email) = try await data.openPersonalData(email)
            guard let json = try await personal.export(email) else { throw OperatorError.nobody }
            print(String(decoding: json.encoded, as: UTF8.self))
        }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person from all stores: everything but the accounting record of their orders.",
            discussion: examples("pesanan customer forget siti@example.com"))
        @Argument(help: "The person's e-mail address.")
        var email: String
        @OptionGroup var data: DataOptions

        func run() async throws {
            let (personal, email) = try await data.openPersonalData(email)
            let (customers, orders) = try await personal.forget(email)
            guard customers > 0 else { throw OperatorError.nobody }
            print(
                "\(customers) customer\(customers == 1 ? "" : "s") forgotten, \(orders) order\(orders == 1 ? "" : "s") kept as accounts"
            )
        }
    }
}

extension DataOptions {
    fileprivate func openPersonalData(_ text: String) async throws -> (PersonalData, EmailAddress) {
        guard let email = EmailAddress(text) else { throw OperatorError("'\(text)' is not an e-mail address") }
        let installation = try await Installation(settings(), for: .existing)
        return (PersonalData(orders: installation.storage, accounts: installation.accounts), email)
    }
}

extension OperatorError {
    fileprivate static let nobody = OperatorError("nobody has this address")
}
