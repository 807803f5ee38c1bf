"""`python -m topo`."""

if __name__ == "__main__":
    from topo.isolated import shut_out_current_folder

    shut_out_current_folder(first=True)
    from topo.cli import main

    main()
