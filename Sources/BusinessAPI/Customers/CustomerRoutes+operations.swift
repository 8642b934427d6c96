import HTTPServing
import JSON
import OrderServices
import Orders

extension CustomerRoutes {
    private static let listPath = "/v3/customers"
    private static let itemPath = "/v3/customers/{id}"
    private static let addressesPath = itemPath + "/addresses"
    private static let addressPath = addressesPath + "/{address_id}"
    private static let tag = BusinessAPI.tags[2].name
    private static let id = Parameter("id", in: .path, "The customer's id.", ["type": "integer"])
    private static let addressID = Parameter("address_id", in: .path, "The address's id.", ["type": "integer"])
    private static let customer = Operation.Answer(200, "The customer", "MerchantCustomer")
    private static let address = Operation.Answer(200, "The address", "Address")

    /// Of the routes that write.
    private static let errors = IdempotencyKey.errors.union([404])

    static let list = Operation(
        .get, listPath, "listMerchantCustomers", tag: tag, "List customers, in the order of their ids",
        "Pages lead on, and not back. Scope customer:list.",
        parameters: [
            PageRequest.parameters[0], PageRequest.parameters[1],
            Parameter("search", in: .query, "What search_field begins with."),
            Parameter(
                "search_field", in: .query, "email by default.",
                ["enum": ["name", "email", "phone"]]),
        ], answers: [.init(200, "A page of customers", "MerchantCustomerPage")], errors: [400])

    static let create = Operation(
        .post, listPath, "createMerchantCustomer", tag: tag, "Add a customer", "Who has no order yet. Scope customer:create.",
        parameters: [IdempotencyKey.parameter], body: "NewMerchantCustomer", answers: [customer], errors: IdempotencyKey.errors)

    static let get = Operation(
        .get, itemPath, "getMerchantCustomer", tag: tag, "Get a customer", "As orders show them. Scope customer:read.",
        parameters: [id],
        answers: [customer], errors: [404])

    static let update = Operation(
        .patch, itemPath, "updateMerchantCustomer", tag: tag, "Change a customer",
        "Buyers see it in all their orders at once. An address that they have proven is only theirs to change. Scope customer:update.",
        parameters: [id, IdempotencyKey.parameter], body: "MerchantCustomerUpdate", answers: [customer],
        errors: errors)

    static let listAddresses = Operation(
        .get, addressesPath, "listCustomerAddresses", tag: tag, "List a customer's addresses", "Scope customer:read.",
        parameters: [id], answers: [.init(200, "Addresses", "AddressList")], errors: [404])

    static let addAddress = Operation(
        .post, addressesPath, "addCustomerAddress", tag: tag, "Add an address to a customer", "Scope customer:update.",
        parameters: [id, IdempotencyKey.parameter], body: "NewAddress", answers: [address],
        errors: errors)

    static let updateAddress = Operation(
        .patch, addressPath, "updateCustomerAddress", tag: tag, "Change a customer's address", "Scope customer:update.",
        parameters: [id, addressID, IdempotencyKey.parameter], body: "AddressChange", answers: [address],
        errors: errors)

    static let removeAddress = Operation(
        .delete, addressPath, "removeCustomerAddress", tag: tag, "Remove a customer's address", "Scope customer:update.",
        parameters: [id, addressID, IdempotencyKey.parameter], answers: [.init(204, "Done")],
        errors: errors)

    static let fields: [OrderField] = [
        OrderField("name", .text(maximum: 200)), OrderField("email", .email), OrderField("phone", .phone),
    ]

    static var schemas: [(name: String, schema: JSON)] {
        let described = fields.map { ($0.name, $0.schema) }
        let texts = ["email", "phone", "name", "confirmed_at", "created_at", "last_updated_at", "status"].map {
            ($0, JSON.optionalText)
        }
        return [
            ("MerchantCustomer", .closedObject("A customer, as orders show them.", [("id", ["type": "integer"])] + texts)),
            (
                "NewMerchantCustomer",
                .strictObject("A customer with an address or a phone number.", described, required: ["name"])
            ),
            ("MerchantCustomerUpdate", .strictObject("What changes of a customer.", described, required: [])),
            (
                "MerchantCustomerPage",
                .pageSchema(
                    "A page of customers.", of: .reference("schemas", "MerchantCustomer"), most: PageRequest.sizes.upperBound)
            ),
        ]
    }
}
