import Configuration
import Foundation
import JSON
import Orders

/// Where settings come from, in the order in which they count: command line, environment, file.
struct SettingsSource: Sendable {
    private let reader: ConfigReader

    /// - Parameters:
    ///   - commandLine: what was given on the command line, by name.
    ///   - file: the path of a JSON file whose members are settings.
    /// - Throws: ``OperatorError`` where the file can't be read or holds something else.
    init(commandLine: [String: String?], environment: [String: String], file: String?) async throws {
        var given: [AbsoluteConfigKey: ConfigValue] = [:]
        for case (let name, let value?) in commandLine { given[Self.key(name)] = ConfigValue(.string(value), isSecret: false) }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: given),
            // A variable that is set to nothing is not set.
            EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }).prefixKeys(
                with: "pesanan"),
        ]
        if let file { providers.append(InMemoryProvider(name: "file", values: try Self.members(of: file))) }
        reader = ConfigReader(providers: providers)
    }

    /// A setting's value; `nil` where it is not set.
    /// - Parameter what: what the setting has to be, for the error.
    /// - Throws: ``OperatorError`` where `read` returns nothing.
    func value<Value>(_ name: String, _ what: String, _ read: (String) -> Value?) async throws -> Value? {
        guard let text = try await reader.fetchString(forKey: ConfigKey(Self.key(name).components)) else { return nil }
        guard let value = read(text) else {
            let variable = "PESANAN_" + name.uppercased().replacing("-", with: "_")
            throw OperatorError("the setting \(name) (--\(name), \(variable)) must be \(what)")
        }
        return value
    }

    private static func key(_ name: String) -> AbsoluteConfigKey { AbsoluteConfigKey([name.replacing("-", with: "_")]) }

    /// The members of a JSON object as settings: a member that is no setting is a mistake, not something to pass over.
    private static func members(of file: String) throws -> [AbsoluteConfigKey: ConfigValue] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw OperatorError("the settings file \(file) can't be read")
        }
        let json: JSON
        do { json = try JSON(parsing: [UInt8](data)) } catch {
            throw OperatorError("the settings file \(file) is not JSON: \(error.reason), at byte \(error.offset)")
        }
        guard case .object(let object) = json else { throw OperatorError("the settings file \(file) holds no JSON object") }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in object.members {
            guard Settings.names.contains(name) else {
                throw OperatorError(
                    "the settings file \(file) has \(name), which is no setting: there are \(Settings.names.joined(separator: ", "))"
                )
            }
            switch value {
            case .string(let text), .number(let text): values[key(name)] = ConfigValue(.string(text), isSecret: false)
            default: throw OperatorError("the settings file \(file) has for \(name) neither a text nor a number")
            }
        }
        return values
    }
}
