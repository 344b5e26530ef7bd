"""The codes of the model stage, as (code, title, explanation); `diagnostic_codes` takes them up.

E2xx is names, E3xx types and calls, E4xx scenarios, statements and rules, E5xx releases, E6xx properties
and expectations. x90 of each is "not in this version".
"""

from __future__ import annotations

from dmc.base.release_codes import RELEASE_CODES

MODEL_CODES: tuple[tuple[str, str, str], ...] = (
    # --- names ------------------------------------------------------------------------------------
    (
        "E200",
        "an unknown name",
        "Nothing that can be seen from this place has the name. A function of a driver sees its locals"
        " and parameters, the names of its driver and of the file; a process sees its own variables, those"
        " of the scenario and, if it was spawned, those of its parent.",
    ),
    (
        "E201",
        "an unknown type",
        "A type is one of C's integers, `bool`, a struct or an enum of the file, or a type of the driver"
        " API. The name of a struct is its type, without `struct` before it.",
    ),
    (
        "E202",
        "an unknown field",
        "The struct has no field of this name; the hint is the closest one that it has.",
    ),
    (
        "E203",
        "a function that nothing runs",
        "A function of a driver is a callback, because it has the name of one, or it is used by another"
        " one: called, given to `driver_async`, or put into a function pointer. This one is neither, which"
        " is most often a misspelt callback. At file level a function may be there for other files.",
    ),
    (
        "E204",
        "an unknown function",
        "Drivers call their own functions, those of their file, the driver API and a few words of the"
        " language such as `reads`. Processes call Erlang's: `open_port`, `port_command`, `port_close`,"
        " `exit`, `self`.",
    ),
    (
        "E205",
        "a name that is declared twice",
        "Two things at one level have one name; which is meant would depend on the reader. An inner block"
        " may use a name again. Functions of the driver API keep their names.",
    ),
    (
        "E206",
        "a callback that the model uses itself",
        "A function with the name of a callback is that callback, and the runtime calls it. If the driver"
        " needs the same work elsewhere, both call a third function.",
    ),
    (
        "E207",
        "an axis that nothing reads",
        "All values of the axis would give the same runs, and a table would show a difference where none"
        " is. An expectation alone does not read an axis: only code makes a difference.",
    ),
    (
        "E209",
        "a name from two files",
        "An import brings all names of a file. Two files that are seen together must not declare one name.",
    ),
    (
        "E210",
        "a member of several enumerations",
        "Two enumerations or axes have a member of this name, and nothing at this place says which is"
        " meant. Compared with a value of one of them, the name is clear.",
    ),
    (
        "E211",
        "a function that calls itself",
        "Helpers may not recur, directly or through each other: the stack of a model has no bound then."
        " Lists are walked with a loop.",
    ),
    (
        "E212",
        "a name of another kind",
        "The name is that of a type, or of several processes, where a value is needed.",
    ),
    (
        "E217",
        "a driver without `start`",
        "`start` gives the data of a port. A driver without it could not be opened, and nothing of it"
        " would run.",
    ),
    (
        "E290",
        "a function or callback that is not in this version",
        "The driver API has it, but this version gives it no meaning. It is refused by name, because a"
        " model that ignored it would be verified without saying anything about the driver.",
    ),
    # --- types and calls --------------------------------------------------------------------------
    (
        "E301",
        "a value of the wrong type",
        "What is assigned does not fit. Integers fit each other and are checked for their range during"
        " the search; pointers fit only the same struct; `NULL` fits every pointer.",
    ),
    (
        "E302",
        "operands of the wrong type",
        "The operator does not have a meaning for values of these types.",
    ),
    (
        "E303",
        "a wrong number of arguments",
        "The call gives more or fewer arguments than the function takes.",
    ),
    (
        "E304",
        "an argument of the wrong type",
        "The note says which argument it is and what the function does.",
    ),
    (
        "E305",
        "`driver_alloc` without a size",
        "As in C, `driver_alloc` takes a size, and the type of the object comes from it:"
        " `driver_alloc(sizeof(Txn))` makes a `Txn`.",
    ),
    (
        "E306",
        "a result that is missing or wrong",
        "Every way through a function that promises a value ends in `return` with such a value; a"
        " function that promises none returns none.",
    ),
    (
        "E307",
        "this cannot be assigned to",
        "Variables, fields and elements of arrays can; axes are fixed for a run.",
    ),
    (
        "E308",
        "a member of what has none",
        "`->` reaches the fields of the struct behind a pointer, `.` the members of an `ErlDrvSysInfo`"
        " and, in properties, the attributes of ports, jobs and objects.",
    ),
    (
        "E309",
        "a condition that is neither true nor false",
        "A condition is a `bool`, a number or a pointer.",
    ),
    (
        "E310",
        "a callback that is declared differently",
        "The runtime calls callbacks with fixed arguments. Trailing ones may be left out; the driver data"
        " is a pointer to the struct that `start` returns.",
    ),
    (
        "E311",
        "a job that is given other data than it takes",
        "`driver_async` hands async_data to the function of the job and to its free function. In C a cast"
        " hides a mismatch; here it is told.",
    ),
    (
        "E312",
        "driver data of two types",
        "What `start` returns is what every other callback of the driver is called with.",
    ),
    (
        "E313",
        "a value that is not constant",
        "Sizes, labels and bounds are fixed before a run begins.",
    ),
    (
        "E314",
        "an empty range",
        "A range `a..b` has both ends, the lower one first.",
    ),
    (
        "E315",
        "a size out of bounds",
        "The number of elements or values is beyond what can be searched.",
    ),
    (
        "E316",
        "this cannot be called, or not be a value",
        "The note says what can.",
    ),
    (
        "E317",
        "an address where none can be",
        "`&` is for arguments: the key of a job, an `ErlDrvSysInfo`, an atomic integer. There is no other"
        " address arithmetic.",
    ),
    (
        "E318",
        "an element that is not there",
        "The index is outside of the array, or beyond the first byte of a buffer.",
    ),
    (
        "E319",
        "a call without a value",
        "The function returns `void`, and a value is needed.",
    ),
    (
        "E321",
        "a type that cannot stand here",
        "The note says where values of the type can be held.",
    ),
    (
        "E322",
        "an unknown attribute or state",
        "Properties see a few attributes of ports, jobs, objects, locks and threads; the note lists them.",
    ),
    (
        "E323",
        "a function pointer without a function",
        "No function of this type is given to a pointer anywhere, so the call could only fail.",
    ),
    (
        "E324",
        "`break` or `continue` outside",
        "They leave or repeat the innermost loop; `break` also leaves a `switch`.",
    ),
    (
        "E390",
        "a type or expression that is not in this version",
        "It is refused by name, because leaving it out in silence would change what the model says.",
    ),
    # --- scenarios, statements, rules -------------------------------------------------------------
    (
        "E401",
        "a scenario that opens no port",
        "No code of a driver would run, and every rule would pass. A model without a driver has a `thread`.",
    ),
    (
        "E402",
        "a scenario without an actor",
        "Exactly the processes and threads of a scenario act; this one has none.",
    ),
    (
        "E403",
        "a case that falls through",
        "Every case but the last ends in `break`, `continue` or `return`. Several labels may share one body.",
    ),
    (
        "E404",
        "a repetition of nothing",
        "`upto` needs a bound of at least 1.",
    ),
    (
        "E405",
        "`await` in a driver",
        "C has no statement that waits for a condition; a driver waits with a mutex and a condition"
        " variable. `await` is for threads and processes of a scenario.",
    ),
    (
        "E406",
        "a label that is there twice",
        "The second one could never be chosen.",
    ),
    (
        "E407",
        "a rule that watches nothing",
        "The rule names a function, callback or fault that does not exist. It would pass whatever happens.",
    ),
    (
        "E408",
        "an empty choice",
        "A choice, an enum, a struct or a `switch` without anything in it.",
    ),
    (
        "E409",
        "a statement or call in the wrong place",
        "Drivers, processes, threads and rules have different words.",
    ),
    (
        "E410",
        "a number of actors that cannot be",
        "There are from 1 to 16 actors of one name.",
    ),
    (
        "E411",
        "an unknown fault",
        "A fault is a function that may fail, or a named event such as `spurious_wakeup`.",
    ),
    (
        "E412",
        "a rule without an event",
        "A rule is moved by events; without one it would pass whatever happens.",
    ),
    (
        "E413",
        "a fault that cannot happen",
        "A `fault` clause names a function that the model never calls.",
    ),
    (
        "E414",
        "a message that nobody sends",
        "A `receive` waits until a message is there that fits it. No driver and no process of this scenario"
        " sends one of that size, with those atoms and elements of those kinds. Most often a tag is"
        " misspelt: a name that nothing declares is an atom if it begins with a small letter.",
    ),
    (
        "E416",
        "an unknown setting",
        "Settings are `runtime`, `locking`, `schedulers`, `async_threads`, `nesting`, `mailbox` and the axes"
        " of the file; a driver sets its `driver_flags`.",
    ),
    (
        "E417",
        "a value that the axis does not have",
        "A setting picks among the values of an axis.",
    ),
    (
        "E418",
        "a setting with an impossible value",
        "The message says which values there are.",
    ),
    (
        "E419",
        "names of an event that do not fit",
        "All events of a handler bind the same names to the same kinds of things, as any of them may happen.",
    ),
    (
        "E421",
        "a rule of two kinds",
        "A rule watches events, or demands that relations are acyclic, or that something can be reached, or"
        " that other rules hold in another environment. Write one rule for each.",
    ),
    (
        "E422",
        "an obligation that cannot be asked of this rule",
        "`can_reach` is for rules about a port or a thread, and for those without `for`. `without` is"
        " followed by `process`, or in a rule about a port by `owner`.",
    ),
    (
        "E423",
        "an environment that cannot be varied",
        "`under` is followed by `async_threads`, `schedulers` or `locking` with values, and the rules that"
        " must hold with them: ids, names, families, or `all`.",
    ),
    (
        "E490",
        "a statement, call or fault that is not in this version",
        "It is refused by name, because a scenario that ignored it would examine something else.",
    ),
    *RELEASE_CODES,
    # --- properties and expectations --------------------------------------------------------------
    (
        "E601",
        "an unknown property",
        "An expectation names a rule of the catalogue by its id or name, a rule, invariant or `reachable`"
        " of the file, or `assert`.",
    ),
    (
        "E602",
        "an unknown rule in `allow`",
        "`allow` takes a rule of the catalogue or of the file out.",
    ),
    (
        "E603",
        "an expectation whose runs do not exist",
        "The condition is true in no run of the scenario, so that the line would never be checked.",
    ),
    (
        "E604",
        "an unknown place in an expectation",
        "`in` names the function, process or thread in which the finding ends.",
    ),
    (
        "E605",
        "expectations that contradict each other",
        "One property cannot have two verdicts in one run.",
    ),
    (
        "E606",
        "an expectation without a scenario",
        "The block names a scenario that is not there, or none is left for it.",
    ),
    (
        "E607",
        "two blocks of expectations",
        "All lines of one scenario stand in one block, so that they are read together.",
    ),
    (
        "E608",
        "an exception that nothing needs",
        "An `allow` takes a rule out. Where no run violates that rule it hides nothing today, and would hide"
        " the first violation tomorrow.",
    ),
    (
        "E690",
        "a property that is not in this version",
        "It is refused by name; a property that is not checked would pass.",
    ),
)
