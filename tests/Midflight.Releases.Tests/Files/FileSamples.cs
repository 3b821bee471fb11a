namespace Midflight.Releases.Tests.Files;

/// <summary>One file of each kind, with everything that it can hold.</summary>
internal static class FileSamples
{
    public const string Application = """
        {
          "name": "octochat",
          "version": "0.3.0",
          "id": "OC",
          "description": "Chat with \"rooms\"",
          "modules": [
            "Octochat.Echo",
            {"module":"Octochat.Hub`1","vsn":"8f3a"}
          ],
          "registered": ["hub","lobby"],
          "applications": ["midflight","log"],
          "optional_applications": ["log"],
          "included_applications": ["rooms"],
          "mod": {
            "module": "Octochat.OctochatApplication",
            "argument": {
              "port": 7700
            }
          },
          "start_phases": [
            {
              "phase": "listen",
              "argument": []
            }
          ],
          "env": {
            "greeting": "hallö",
            "limits": [
              1,
              2.5
            ]
          },
          "maxT": 5000,
          "maxP": 100,
          "keep": "retained",
          "together": true
        }

        """;

    public const string Release = """
        {
          "name": "octochat",
          "version": "0.3.0",
          "runtime": "10.0.12",
          "applications": [
            {"name":"midflight","version":"1.0.0","type":"permanent"},
            {"name":"octochat","version":"0.3.0","type":"transient","included":["rooms"]}
          ]
        }

        """;

    public const string Appup = """
        {
          "version": "0.3.0",
          "up": [
            {
              "from": "0.2.0",
              "instructions": [
                {"update":"Octochat.Echo"},
                {"update":"Octochat.Supervisor","change":"supervisor"},
                {"update":"Octochat.Hub","type":"static","timeout":5000,"change":{"advanced":{"rooms":1}},"pre_purge":"soft_purge","post_purge":"soft_purge","depends_on":["Octochat.Echo"]},
                {"update":"Octochat.Lobby","timeout":"infinity","depends_on":["Octochat.Echo"]},
                {"load_module":"Octochat.Text","pre_purge":"soft_purge"},
                {"add_module":"Octochat.Room","depends_on":["Octochat.Hub"]},
                {"delete_module":"Octochat.Old"},
                {"add_application":"rooms","type":"load"},
                {"remove_application":"log"},
                {"restart_application":"audit"}
              ]
            }
          ],
          "down": [
            {
              "from_matching": "0\\.[12]\\..*",
              "instructions": []
            }
          ]
        }

        """;

    public const string Relup = """
        {
          "version": "0.3.0",
          "up": [
            {
              "from": "0.2.0",
              "description": "more rooms",
              "instructions": [
                "restart_new_emulator",
                {"load_object_code":"octochat","version":"0.3.0","modules":["Octochat.Echo"]},
                "point_of_no_return",
                {"suspend":["Octochat.Echo",{"module":"Octochat.Hub","timeout":5000},{"module":"Octochat.Lobby","timeout":"infinity"}]},
                {"load":"Octochat.Echo","post_purge":"soft_purge"},
                {"remove":"Octochat.Old"},
                {"purge":["Octochat.Old"]},
                {"code_change":[{"module":"Octochat.Echo","extra":[]}],"mode":"up"},
                {"code_change":[{"module":"Octochat.Hub","extra":{"a":null}}]},
                {"resume":["Octochat.Echo"]},
                {"stop":["Octochat.Text"]},
                {"start":["Octochat.Text"]},
                {"sync_nodes":"here","nodes":["one@host","two@host"]},
                {"sync_nodes":1,"nodes":{"module":"Octochat.Nodes","function":"All","arguments":[]}},
                {"apply":{"module":"Octochat.Text","function":"Say","arguments":["hi",1]}},
                "restart_emulator"
              ]
            }
          ],
          "down": [
            {
              "to": "0.2.0",
              "description": "",
              "instructions": [
                "point_of_no_return"
              ]
            }
          ]
        }

        """;

    public const string Boot = """
        {
          "name": "octochat",
          "version": "0.3.0",
          "code": [
            {
              "application": "octochat",
              "version": "0.3.0",
              "folder": "lib/octochat-0.3.0",
              "modules": ["Octochat.Echo"]
            }
          ],
          "load": ["octochat"],
          "start": [
            {"application":"octochat","type":"permanent"}
          ]
        }

        """;
}
