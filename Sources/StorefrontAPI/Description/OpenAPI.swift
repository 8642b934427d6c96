import JSON
import Orders

/// The description of every address that the server answers, as an OpenAPI 3.1 document.
///
/// Its schemas of an order are made from the table that the orders are made from. HEAD is described where GET is, as it is answered.
enum OpenAPI {
    static let document: JSON = {
        guard let skeleton = try? JSON(parsing: Array(skeleton.utf8)) else { preconditionFailure("the skeleton is JSON") }
        return skeleton.replacing("paths") { paths in
            operations.reduce(paths) { $0.adding($1) }.mapMembers { $0.addingHead }
        }.replacing("components") {
            $0.replacing("schemas") { schemas in
                accountSchemas.reduce(schemas.adding("CustomerOrder", customerOrder)) { $0.adding($1.name, $1.value) }
            }
        }
    }()

    private static let customerOrder = BuyerOrder.schema.adding(
        "description", "An order as its buyer sees it: every field always there, null where unknown, and no other field.")

    private static let skeleton = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Pesanan: Storefront API v3",
            "version": "3",
            "description": "A buyer signs in and reads their orders. Sizes are bytes, weights grams, amounts of money decimal strings with two decimals, times RFC 3339 in UTC. Every answer has X-Request-Id: the request's own where it had one of 1 to 64 letters, digits, '.', '_' and '-', else a new one."
          },
          "servers": [{"url": "/", "description": "This server"}],
          "tags": [
            {"name": "Orders", "description": "A buyer's own orders."},
            {"name": "Signing in", "description": "From one of the store's own pages, with its storefront key."},
            {"name": "Customer", "description": "The signed-in customer."},
            {"name": "Service", "description": "What the service says of itself."}
          ],
          "paths": {
            "/v3/stores/{store_id}/customers/me/orders": {
              "get": {
                "tags": ["Orders"],
                "operationId": "listCustomerOrders",
                "summary": "List your orders, newest first",
                "description": "A page of orders. Follow next_cursor to older ones and previous_cursor to newer ones; both hold while new orders come in.",
                "security": [{"accessToken": []}],
                "parameters": [
                  {"$ref": "#/components/parameters/store_id"},
                  {"name": "page_size", "in": "query", "description": "How many orders a page has at the most.", "schema": {"type": "integer", "minimum": 1, "maximum": 25, "default": 25}},
                  {"name": "next_cursor", "in": "query", "description": "The next_cursor of the page before: asks for older orders.", "schema": {"type": "string"}},
                  {"name": "previous_cursor", "in": "query", "description": "The previous_cursor of the page after: asks for newer orders.", "schema": {"type": "string"}},
                  {"$ref": "#/components/parameters/If-None-Match"}
                ],
                "responses": {
                  "200": {
                    "description": "A page of your orders",
                    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CustomerOrderPage"}}}
                  },
                  "304": {"$ref": "#/components/responses/NotModified"},
                  "400": {"$ref": "#/components/responses/BadRequest"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "429": {"$ref": "#/components/responses/TooManyRequests"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v3/stores/{store_id}/customers/me/orders/{id}": {
              "get": {
                "tags": ["Orders"],
                "operationId": "getCustomerOrder",
                "summary": "Get one of your orders",
                "description": "Someone else's order, another store's and one that never was are one and the same 404.",
                "security": [{"accessToken": []}],
                "parameters": [
                  {"$ref": "#/components/parameters/store_id"},
                  {"name": "id", "in": "path", "required": true, "description": "The order's UUIDv7, or the integer that a migrated order had before.", "schema": {"type": "string"}},
                  {"$ref": "#/components/parameters/If-None-Match"}
                ],
                "responses": {
                  "200": {
                    "description": "Your order",
                    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CustomerOrder"}}}
                  },
                  "304": {"$ref": "#/components/responses/NotModified"},
                  "400": {"$ref": "#/components/responses/BadRequest"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "429": {"$ref": "#/components/responses/TooManyRequests"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/.well-known/jwks.json": {
              "get": {
                "tags": ["Service"],
                "operationId": "getKeys",
                "summary": "Get the public keys that access tokens are signed with",
                "responses": {
                  "200": {
                    "description": "A JSON Web Key Set (RFC 7517)",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KeySet"}}}
                  }
                }
              }
            },
            "/health/live": {
              "get": {
                "tags": ["Service"],
                "operationId": "isLive",
                "summary": "Ask whether the server runs",
                "responses": {"200": {"$ref": "#/components/responses/Healthy"}}
              }
            },
            "/health/ready": {
              "get": {
                "tags": ["Service"],
                "operationId": "isReady",
                "summary": "Ask whether the server can answer: whether its database does",
                "responses": {
                  "200": {"$ref": "#/components/responses/Healthy"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/openapi.json": {
              "get": {
                "tags": ["Service"],
                "operationId": "getDescription",
                "summary": "Get this description",
                "responses": {
                  "200": {"description": "An OpenAPI 3.1 document", "content": {"application/json": {"schema": {"type": "object"}}}}
                }
              }
            },
            "/docs": {
              "get": {
                "tags": ["Service"],
                "operationId": "readDescription",
                "summary": "Read this description as a page",
                "responses": {
                  "200": {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token of a customer of the store of the path."},
              "storefrontKey": {"type": "apiKey", "in": "header", "name": "X-Scalev-Storefront-Api-Key", "description": "A storefront key of the store of the path. It is public."}
            },
            "parameters": {
              "store_id": {"name": "store_id", "in": "path", "required": true, "description": "The store's unique_id.", "schema": {"type": "string"}},
              "address_id": {"name": "id", "in": "path", "required": true, "description": "The address's id.", "schema": {"type": "integer"}},
              "Accept-Language": {"name": "Accept-Language", "in": "header", "description": "Which language a mail is to be in, id or en; id where nothing is said.", "schema": {"type": "string"}},
              "If-None-Match": {"name": "If-None-Match", "in": "header", "description": "The ETag of what you have already: where it is the same still, the answer is 304 without a body.", "schema": {"type": "string"}}
            },
            "headers": {
              "ETag": {"description": "Stands for these very bytes.", "schema": {"type": "string"}}
            },
            "responses": {
              "NotModified": {"description": "You have the latest already", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}},
              "BadRequest": {"description": "The request can't be read", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
              "Unauthorized": {
                "description": "Not signed in to this store",
                "headers": {"WWW-Authenticate": {"description": "Bearer (RFC 6750)", "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
              },
              "Conflict": {"description": "Not as things are", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
              "TooLarge": {"description": "The body is larger than 64 KiB", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
              "InvalidContent": {"description": "Fields are missing or not of their form", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
              "TooManyRequests": {
                "description": "Too many requests",
                "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
              },
              "NotFound": {"description": "There is no such thing of yours", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
              "Unavailable": {
                "description": "Not at the moment",
                "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
              },
              "Healthy": {"description": "Yes", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}}
            },
            "schemas": {
              "CustomerOrderPage": {
                "description": "A page of a list.",
                "type": "object",
                "additionalProperties": false,
                "required": ["data", "is_paginated", "has_next", "has_previous", "next_cursor", "previous_cursor", "page_size"],
                "properties": {
                  "data": {"type": "array", "maxItems": 25, "items": {"$ref": "#/components/schemas/CustomerOrder"}},
                  "is_paginated": {"const": true},
                  "has_next": {"type": "boolean"},
                  "has_previous": {"type": "boolean"},
                  "next_cursor": {"type": ["string", "null"]},
                  "previous_cursor": {"type": ["string", "null"]},
                  "page_size": {"type": "integer", "minimum": 1, "maximum": 25}
                }
              },
              "Error": {
                "description": "What went wrong, for a person and for a program.",
                "type": "object",
                "additionalProperties": false,
                "required": ["error", "error_code"],
                "properties": {
                  "error": {"type": "string", "minLength": 1},
                  "error_code": {"type": "string", "pattern": "^[a-z_]+$"},
                  "errors": {"description": "Where fields are wrong: for each what is wrong with it.", "type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
                }
              },
              "Health": {
                "description": "How the service does.",
                "type": "object",
                "additionalProperties": false,
                "required": ["status"],
                "properties": {"status": {"const": "ok"}}
              },
              "KeySet": {
                "description": "Public keys.",
                "type": "object",
                "additionalProperties": false,
                "required": ["keys"],
                "properties": {
                  "keys": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["alg", "crv", "kid", "kty", "use", "x", "y"],
                      "properties": {
                        "kty": {"const": "EC"},
                        "crv": {"const": "P-256"},
                        "x": {"type": "string"},
                        "y": {"type": "string"},
                        "use": {"const": "sig"},
                        "alg": {"const": "ES256"},
                        "kid": {"type": "string"}
                      }
                    }
                  }
                }
              }
            }
          }
        }
        """#
}

extension JSON {
    /// This path with a `head` beside its `get`: the same less the contents of the answers.
    fileprivate var addingHead: JSON {
        guard let get = self["get"] else { return self }
        let head = get.replacing("operationId") { $0.appending("Head") }
            .replacing("summary") { $0.appending(": the headers only") }
            .replacing("responses") { $0.mapMembers { $0.removing("content") } }
        // Beside GET, before what changes something.
        return .object(
            JSONObject(members.flatMap { $0.name == "get" ? [("get", get), ("head", head)] : [($0.name, $0.value)] }))
    }

    private func appending(_ suffix: String) -> JSON {
        if case .string(let text) = self { .string(text + suffix) } else { self }
    }

    /// These paths with an operation more.
    fileprivate func adding(_ operation: Operation) -> JSON {
        let path = operation.fullPath
        guard self[path] != nil else {
            return adding(path, .object(JSONObject([(operation.method, operation.json)])))
        }
        return replacing(path) { $0.adding(operation.method, operation.json) }
    }

    fileprivate func mapMembers(_ transform: (JSON) -> JSON) -> JSON {
        .object(JSONObject(members.map { ($0.name, transform($0.value)) }))
    }

    fileprivate func replacing(_ name: String, _ transform: (JSON) -> JSON) -> JSON {
        .object(JSONObject(members.map { ($0.name, $0.name == name ? transform($0.value) : $0.value) }))
    }

    fileprivate func adding(_ name: String, _ value: JSON) -> JSON {
        .object(JSONObject(members.map { ($0.name, $0.value) } + [(name, value)]))
    }

    private func removing(_ name: String) -> JSON {
        .object(JSONObject(members.filter { $0.name != name }.map { ($0.name, $0.value) }))
    }

    private var members: [(name: String, value: JSON)] {
        if case .object(let object) = self { object.members } else { [] }
    }
}
